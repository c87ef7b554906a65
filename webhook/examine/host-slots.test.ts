import { expect, test } from 'vitest';
import { hostSlots } from './host-slots.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to. */
function held(): { readonly work: () => Promise<string>; readonly end: () => void; readonly begun: () => boolean } {
  let end = (): void => {};
  let begun = false;
  const ended = new Promise<void>((resolve) => { end = resolve; });
  return { work: async () => { begun = true; await ended; return 'done'; }, end, begun: () => begun };
}

test('a host has so many places and no more, and what waits comes in its turn', async () => {
  const slots = hostSlots({ places: 2, queue: 2 });
  const works = [held(), held(), held(), held(), held()];
  const answers = works.slice(0, 4).map(({ work }) => slots.run('slow', work)!);
  expect(slots.run('slow', works[4]!.work)).toBeNull();
  await turn();
  expect(works.map(({ begun }) => begun())).toEqual([true, true, false, false, false]);
  works[1]!.end();
  await answers[1];
  await turn();
  expect(works.map(({ begun }) => begun())).toEqual([true, true, true, false, false]);
  for (const { end } of works) end();
  expect(await Promise.all(answers)).toEqual(['done', 'done', 'done', 'done']);
});

test('other hosts, and work without one, do not wait', async () => {
  const slots = hostSlots({ places: 1, queue: 0 });
  const slow = held();
  const waits = slots.run('slow', slow.work);
  expect(await slots.run('other', async () => 1)).toBe(1);
  expect(await slots.run(null, async () => 2)).toBe(2);
  slow.end();
  await waits;
});

test('work that fails gives its place back', async () => {
  const slots = hostSlots({ places: 1, queue: 0 });
  await expect(slots.run('a', async () => { throw new Error('x'); })).rejects.toThrow('x');
  expect(await slots.run('a', async () => 1)).toBe(1);
});
