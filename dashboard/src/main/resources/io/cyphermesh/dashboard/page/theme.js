'use strict';
// Before anything is drawn: a page must not flash in the other colours.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('cyphermesh-theme');
  } catch {
    // A browser that keeps nothing gets the system's colours.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
