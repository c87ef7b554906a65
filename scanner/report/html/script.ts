/** The one script of a page: filters, opens what an address names, opens everything for print. The page says everything without it. */
export const SCRIPT = `
(() => {
  'use strict';
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const form = document.getElementById('filter');
  const status = document.getElementById('shown');
  const groups = all('.group');
  const items = all('.group li').map((item) => ({ item, group: item.closest('.group'), text: null }));
  const artifacts = all('.artifact');
  const wordsOf = (one) => (one.text ??= (one.item.textContent + ' ' + one.group.dataset.rule + ' ' + one.item.closest('.artifact').dataset.name).toLowerCase());
  const filter = () => {
    const words = form.elements.words.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const severities = new Set(all('input[name=severity]:checked', form).map((box) => box.value));
    const left = new Map();
    let shown = 0;
    for (const one of items) {
      const fits = severities.has(one.group.dataset.severity) && words.every((word) => wordsOf(one).includes(word));
      one.item.hidden = !fits;
      if (fits) { shown++; left.set(one.group, true); }
    }
    const narrow = words.length > 0;
    for (const group of groups) {
      group.hidden = !left.has(group);
      if (narrow && !group.hidden) group.open = true;
    }
    for (const artifact of artifacts) {
      const named = narrow && words.every((word) => artifact.dataset.name.includes(word));
      artifact.hidden = narrow && !named && !all('.group:not([hidden])', artifact).length;
    }
    status.textContent = shown + ' of ' + items.length + ' findings shown';
  };
  let waiting = 0;
  if (form) {
    form.hidden = false;
    form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(() => { filter(); if (form.parentElement.getBoundingClientRect().top < 0) form.parentElement.scrollIntoView(); }, items.length > 2000 ? 250 : 50); });
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(filter));
    form.addEventListener('click', ({ target }) => {
      const to = target.dataset ? target.dataset.open : undefined;
      if (to) for (const one of [...artifacts, ...groups]) one.open = to === 'yes';
    });
    filter();
  }
  const openTarget = () => {
    const found = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!found) return;
    for (let at = found; at; at = at.parentElement) if (at.localName === 'details') at.open = true;
    found.scrollIntoView();
  };
  addEventListener('hashchange', openTarget);
  openTarget();
  let opened = [];
  addEventListener('beforeprint', () => { opened = all('details:not([open])'); for (const one of opened) one.open = true; });
  addEventListener('afterprint', () => { for (const one of opened) one.open = false; });
})();
`.trim();
