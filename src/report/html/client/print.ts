/** On paper everything is open; afterwards it is as the reader left it. */
export const PRINT_SCRIPT = `
(() => {
  'use strict';
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const details of opened) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
})();
`;
