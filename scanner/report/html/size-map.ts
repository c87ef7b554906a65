import type { Outline, OutlineArea } from '../../facts/outline.ts';
import { harmlessName } from '../harmless.ts';
import { humanSize } from '../layout.ts';
import { EMPTY, html, type Markup } from './markup.ts';
import { squarify, type Box } from './squarify.ts';

const WIDTH = 960;
const HEIGHT = 300;
/** Parts with a box of their own, and areas within one; the others are drawn together. */
const MOST_PARTS = 20;
const MOST_AREAS = 30;
/** Room for the name of a part above its sections. */
const HEAD = 18;
/** Width of a character, about. */
const LETTER = 7.2;

type Kind = 'code' | 'data' | 'debug' | 'custom' | 'frame';
const KINDS: Readonly<Record<Kind, string>> = { code: 'code', data: 'data', debug: 'names and debug information', custom: 'other custom sections', frame: 'types, imports, exports and the rest' };

interface Slice { readonly name: string; readonly kind: Kind; readonly bytes: number; readonly sections: number }
interface Part { readonly path: string; readonly bytes: number; readonly slices: readonly Slice[] }

/** Where the bytes of an artifact are: a treemap of its sections, with the same as a table. */
export function sizeMap({ areas, otherBytes }: Outline, size: number): Markup {
  if (areas.length === 0) return EMPTY;
  const parts = partsOf(areas);
  const used = new Set(areas.map(({ name }) => kindOf(name)));
  return html`<h4>Where the bytes are</h4>
<figure><div class="scroll" role="group" tabindex="0" aria-label="Size map">${drawing(parts)}</div>
<figcaption><ul class="legend">${(Object.keys(KINDS) as Kind[]).filter((kind) => used.has(kind)).map((kind) => html`<li><i class="k-${kind}" aria-hidden="true"> </i>${KINDS[kind]}</li>`)}</ul></figcaption></figure>
<details><summary>As a table</summary><div class="scroll" role="group" tabindex="0" aria-label="Sizes of sections"><table><thead><tr><th scope="col">Part</th><th scope="col">Section</th><th scope="col">Bytes</th><th scope="col">Share</th></tr></thead>
<tbody>${parts.flatMap((part) => part.slices.map((slice) => tableRow(part, slice, size)))}${otherBytes > 0 && html`<tr><td>all</td><td>many small sections</td><td class="number">${grouped(otherBytes)}</td><td class="number">${share(otherBytes, size)}</td></tr>`}</tbody></table></div></details>`;
}

function tableRow({ path }: Part, { name, bytes, sections }: Slice, size: number): Markup {
  return html`<tr><td>${partName(path)}</td><td><code>${harmlessName(name, 80)}</code>${sections > 1 && ` × ${sections}`}</td><td class="number">${grouped(bytes)}</td><td class="number">${share(bytes, size)}</td></tr>\n`;
}

function drawing(parts: readonly Part[]): Markup {
  const shown = parts.length > MOST_PARTS ? [...parts.slice(0, MOST_PARTS - 1), together(parts.slice(MOST_PARTS - 1))] : parts;
  const boxes = squarify(shown.map(({ bytes }) => bytes), { x: 0, y: 0, width: WIDTH, height: HEIGHT });
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Treemap of ${parts.length === 1 ? 'sections' : `${parts.length} parts and their sections`}; the same is in the table below">${shown.map((part, index) => partBox(part, boxes[index]!, shown.length))}</svg>`;
}

function partBox({ path, slices, bytes }: Part, box: Box, parts: number): Markup {
  const headed = parts > 1 && box.height > 3 * HEAD && box.width > 40;
  const inner = headed ? { x: box.x + 2, y: box.y + HEAD, width: box.width - 4, height: box.height - HEAD - 2 } : box;
  const boxes = squarify(slices.map((slice) => slice.bytes), inner);
  const frame = headed && html`<text x="${round(box.x + 5)}" y="${round(box.y + 13)}">${fitted(`${partName(path)}, ${humanSize(bytes)}`, box.width - 8)}</text>`;
  return html`<g>${slices.map((slice, index) => sliceBox(slice, boxes[index]!, path))}${frame}<rect class="part" x="${round(box.x)}" y="${round(box.y)}" width="${round(box.width)}" height="${round(box.height)}"/></g>`;
}

function sliceBox({ name, kind, bytes }: Slice, { x, y, width, height }: Box, path: string): Markup {
  const label = width > 50 && height > 18 ? html`<text x="${round(x + 6)}" y="${round(y + 16)}">${fitted(name, width - 10)}</text>` : EMPTY;
  const size = width > 70 && height > 36 ? html`<text x="${round(x + 6)}" y="${round(y + 31)}">${fitted(humanSize(bytes), width - 10)}</text>` : EMPTY;
  return html`<g><title>${harmlessName(name, 100)} of ${partName(path)}: ${humanSize(bytes)}</title><rect class="k-${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"/>${label}${size}</g>`;
}

/** Parts by size, each with its sections by size; sections of one name are one. */
function partsOf(areas: readonly OutlineArea[]): Part[] {
  return [...Map.groupBy(areas, ({ part }) => part)].map(([path, own]) => {
    const slices = [...Map.groupBy(own, ({ name }) => name)].map(([name, same]): Slice => ({ name, kind: kindOf(name), bytes: sum(same.map(({ length }) => length)), sections: same.length }));
    slices.sort((a, b) => b.bytes - a.bytes);
    return { path, bytes: sum(slices.map(({ bytes }) => bytes)), slices: slices.length > MOST_AREAS ? [...slices.slice(0, MOST_AREAS - 1), rest(slices.slice(MOST_AREAS - 1))] : slices };
  }).sort((a, b) => b.bytes - a.bytes);
}

function rest(slices: readonly Slice[]): Slice {
  return { name: `${slices.length} more sections`, kind: 'frame', bytes: sum(slices.map(({ bytes }) => bytes)), sections: 1 };
}

function together(parts: readonly Part[]): Part {
  const bytes = sum(parts.map((part) => part.bytes));
  return { path: `${parts.length} more parts`, bytes, slices: [{ name: 'all sections', kind: 'frame', bytes, sections: 1 }] };
}

function kindOf(name: string): Kind {
  if (name === 'code' || name === 'data') return name;
  if (!name.startsWith('custom:')) return 'frame';
  return /^custom:(?:\.debug_|name$|sourceMappingURL$|external_debug_info$|component-name$|reloc\.|linking$)/.test(name) ? 'debug' : 'custom';
}

function partName(path: string): string {
  return path === '' ? 'itself' : harmlessName(path, 60);
}

function fitted(text: string, width: number): string {
  return harmlessName(text, Math.max(3, Math.floor(width / LETTER)));
}

function share(bytes: number, size: number): string {
  return `${((bytes / Math.max(size, 1)) * 100).toFixed(1)} %`;
}

function grouped(bytes: number): string {
  return String(bytes).replace(/\B(?=(\d{3})+$)/g, ',');
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
