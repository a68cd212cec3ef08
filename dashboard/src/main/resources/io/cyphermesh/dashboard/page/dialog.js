// Asks before what cannot be undone, and runs the small forms.
import { $, el, foreign } from './dom.js';
import { told } from './api.js';

/**
 * Asks in the page's own dialog. The answer is null for no; else what was written, or '' where
 * nothing is asked for.
 */
export function confirmed({ title, text, yes, input }) {
  $('confirm-title').textContent = title;
  $('confirm-text').textContent = text;
  $('confirm-yes').textContent = yes;
  $('confirm-field').hidden = !input;
  $('confirm-label').textContent = input || '';
  $('confirm-input').value = '';
  $('confirm').showModal();
  // What is harmless is what Enter does at once.
  $('confirm-no').focus();
  return new Promise((resolve) => {
    const close = (answer) => {
      resolve(answer);
      $('confirm').close();
    };
    $('confirm-yes').onclick = () => close(input ? $('confirm-input').value.trim() : '');
    $('confirm-no').onclick = () => close(null);
    $('confirm').onclose = () => resolve(null);
  });
}

/** Opens a dialog by a button; its first field has the focus. */
export function opens(button, dialog, cancel) {
  button.addEventListener('click', () => {
    const outcome = dialog.querySelector('.outcome');
    outcome.textContent = '';
    outcome.classList.remove('bad');
    dialog.showModal();
    dialog.querySelector('input').focus();
  });
  cancel.addEventListener('click', () => dialog.close());
}

/** Sends a form by `tell`, whose answer is what to say then; what went wrong is said as well. */
export function submits(form, tell) {
  form.addEventListener('submit', async (submit) => {
    submit.preventDefault();
    const outcome = form.querySelector('.outcome');
    const button = form.querySelector('button[type="submit"]');
    outcome.classList.remove('bad');
    outcome.textContent = '';
    button.disabled = true;
    try {
      outcome.replaceChildren(foreign(await tell()));
      form.reset();
    } catch (e) {
      outcome.classList.add('bad');
      outcome.replaceChildren(foreign(told(e)));
    } finally {
      button.disabled = false;
    }
  });
}

export const field = (name, value) => [el('dt', '', name), el('dd', '', value)];
