import { randomUUID } from 'node:crypto';
import { answer, refusal, type Answer, type SeenRequest } from './answer.ts';
import { digestOf, type Store } from './store.ts';

/** Blob uploads: whole, in one POST, in pieces, and mounts. Sessions live as long as the registry. */
export class Uploads {
  readonly #store: Store;
  readonly #sessions = new Map<string, Uint8Array>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** POST /v2/<name>/blobs/uploads/ */
  start(name: string, { query, body }: SeenRequest): Answer {
    const mount = query.get('mount');
    const mounted = mount && this.#store.repositories.get(query.get('from') ?? '')?.blobs.get(mount);
    if (mount && mounted) return this.#keep(name, mount, mounted);
    const digest = query.get('digest');
    if (digest) return this.#keep(name, digest, body);
    const id = randomUUID();
    this.#sessions.set(id, new Uint8Array(0));
    return progress(name, id, 0);
  }

  /** PATCH, PUT, GET and DELETE of a session. */
  go(name: string, id: string, { method, query, body, headers }: SeenRequest): Answer {
    const had = this.#sessions.get(id);
    if (!had) return refusal(404, 'BLOB_UPLOAD_UNKNOWN');
    if (method === 'GET') return { ...progress(name, id, had.length), status: 204 };
    const from = /^(\d+)-\d+$/.exec(headers['content-range'] ?? '')?.[1];
    if (from !== undefined && Number(from) !== had.length) return { ...progress(name, id, had.length), status: 416 };
    const all = Buffer.concat([had, body]);
    if (method === 'PATCH') {
      this.#sessions.set(id, all);
      return progress(name, id, all.length);
    }
    this.#sessions.delete(id);
    return method === 'PUT' ? this.#keep(name, query.get('digest') ?? '', all) : answer(204);
  }

  #keep(name: string, digest: string, bytes: Uint8Array): Answer {
    if (digestOf(bytes, digest.startsWith('sha512:') ? 'sha512' : 'sha256') !== digest) return refusal(400, 'DIGEST_INVALID');
    this.#store.make(name).blobs.set(digest, bytes);
    return answer(201, '', { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest });
  }
}

function progress(name: string, id: string, length: number): Answer {
  return answer(202, '', { location: `/v2/${name}/blobs/uploads/${id}`, 'docker-upload-uuid': id, range: `0-${Math.max(0, length - 1)}` });
}
