import { $, el, foreign, link, put, visible } from './dom.js';
import { level, number, severity } from './format.js';
import { Problem, read, told } from './api.js';
import { show } from './event-view.js';
import { start } from './shell.js';

const key = location.pathname.split('/').pop();
let shown = false;

start({
  async refresh() {
    if (shown) return; // an event never changes
    const box = $('event');
    try {
      const event = await read('/api/v1/events/' + key);
      document.title = visible(event.threat_type).slice(0, 60) + ' · CypherMesh';
      $('title').replaceChildren(foreign(event.threat_type, '', 200));
      const body = el('div', 'event-body');
      box.replaceChildren(el('div', 'event-head', severity(level(event)), foreign(event.source_ip, 'mono source', 400), el('span', 'note', 'Event ' + number(event.seq))), body);
      show(event, body);
      shown = true;
    } catch (e) {
      const gone = e instanceof Problem && e.status === 404;
      put('title', gone ? 'No such event' : 'Event');
      box.replaceChildren(el('div', 'empty', el('h3', '', gone ? 'This node has no such event' : 'The event could not be read'),
        el('p', '', gone ? 'It may have aged out, or has not arrived yet. ' : told(e) + ' ', link('/events', '', 'All events'))));
      if (!gone) throw e;
    } finally {
      box.setAttribute('aria-busy', 'false');
    }
  },
});
