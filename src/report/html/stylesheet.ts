import type { Output } from '../output.js';
import { styleSheet } from './style.js';

/** Beside `report.html` where the server that shows it forbids inline style (Jenkins' default policy). */
export const htmlStylesheet: Output = {
  name: 'css',
  file: 'report.css',
  render: (_run, _judgement, { style }) => (style === 'dir' ? styleSheet() : null),
};
