import type { Failure } from '../../scanner/artifact.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { Pool } from './pool.ts';
import type { Ask, AskAnswer, Source, TaskAnswer } from './task.ts';

/** The answer to one question, and what its task said beside: once for all of its questions. */
export type LaneAnswer = (AskAnswer & Pick<TaskAnswer, 'moduleBytes' | 'bugs'>) | { readonly failure: Failure };

/** A question about a source; `id` names the bytes. */
export interface LaneAsk {
  readonly id: string;
  readonly source: Source;
  readonly ask: Ask;
}

interface Waiting {
  readonly asked: LaneAsk;
  readonly resolve: (answer: LaneAnswer) => void;
}

/**
 * One lane for each source: while it is searched, other questions about it wait, and are then answered by one search together. So bytes
 * are fetched once for all who ask at the same time, whoever's credentials they come with; each has proved before that it may.
 */
export class Lanes {
  readonly #pool: Pool;
  readonly #lanes = new Map<string, Waiting[]>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Never rejects. */
  ask(asked: LaneAsk): Promise<LaneAnswer> {
    const lane = this.#lanes.get(asked.id);
    const waiting = lane ?? [];
    const answer = new Promise<LaneAnswer>((resolve) => waiting.push({ asked, resolve }));
    if (lane === undefined) {
      this.#lanes.set(asked.id, waiting);
      // Whoever asks in the same turn comes along.
      setImmediate(() => void this.#work(asked.id, waiting));
    }
    return answer;
  }

  async #work(id: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, WEBHOOK_LIMITS.batch);
      const answer = await this.#pool.run({ kind: 'search', source: batch[0]!.asked.source, asks: batch.map(({ asked }) => asked.ask) });
      for (const [index, { resolve }] of batch.entries()) resolve('failure' in answer ? answer : answerOf(answer, index));
    }
    this.#lanes.delete(id);
  }
}

function answerOf({ answers, moduleBytes, bugs }: TaskAnswer, index: number): LaneAnswer {
  const answer = answers[index];
  if (answer === undefined) return { failure: { kind: 'unreadable', code: 'internal', message: 'Not analysed: the search gave no answer' } };
  return index === 0 ? { ...answer, moduleBytes, bugs } : { ...answer, moduleBytes: [], bugs: [] };
}
