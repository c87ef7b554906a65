import { LIMITS } from '../../wasm/limits.ts';
import { beyondLimit } from './archive-failure.ts';

/** A path found in the file system. */
export interface Located<File> {
  /** Without symbolic links and leading slash. */
  readonly path: string;
  readonly file: File;
}

interface FileNode<File> {
  readonly kind: 'file';
  readonly file: File;
}
interface LinkNode {
  readonly kind: 'symlink';
  readonly target: string;
}
interface OtherNode {
  readonly kind: 'other';
}
interface DirectoryNode<File> {
  readonly kind: 'directory';
  readonly children: Map<string, Node<File>>;
}
type Node<File> = FileNode<File> | LinkNode | OtherNode | DirectoryNode<File>;

/** A directory on the way, and its name in the one before. */
interface Step<File> {
  readonly name: string;
  readonly node: DirectoryNode<File>;
}

/** As Linux: more links in one path are a loop. */
const MOST_LINKS = 40;

/**
 * The file system that layers make together, as the image specification and containerd apply them. Holds names and what the caller
 * keeps of a file, never contents. Where unpackers differ, what might be there stays. Throws a FetchError `limit-exceeded`.
 */
export class LayeredFileSystem<File> {
  readonly #name: string;
  readonly #removed: (file: File) => void;
  readonly #root: DirectoryNode<File> = { kind: 'directory', children: new Map() };
  #nodes = 0;
  #steps = 0;

  /** @param removed is told of each file that an upper layer deletes or replaces; a file with several names each time. */
  constructor(name: string, removed: (file: File) => void) {
    this.#name = name;
    this.#removed = removed;
  }

  addFile(path: string, file: File): void {
    this.#put(path, { kind: 'file', file });
  }

  addSymlink(path: string, target: string): void {
    this.#put(path, { kind: 'symlink', target });
  }

  /** A device or pipe: it replaces what was there. */
  addOther(path: string): void {
    this.#put(path, { kind: 'other' });
  }

  /** Keeps what an existing directory holds; replaces everything else, links included. */
  addDirectory(path: string): void {
    const place = this.#parentOf(path);
    if (place === null) return;
    if (place.parent.children.get(place.name)?.kind !== 'directory') this.#replace(place.parent, place.name, { kind: 'directory', children: new Map() });
  }

  /** A second name for what stands at a path from the root; the file it names, null for one without a name here, false: there is nothing. */
  addHardLink(path: string, target: string): File | null | false {
    const parts = split(target);
    const name = parts.pop();
    const parent = name === undefined ? null : this.#walk(parts);
    const node = parent?.kind === 'directory' ? parent.children.get(name!) : undefined;
    if (!node || node.kind === 'directory') return false;
    this.#put(path, node);
    return node.kind === 'file' ? node.file : null;
  }

  /**
   * Deletes a path. Whiteouts speak of lower layers only, so those of a layer come before anything that it adds. Through symbolic links
   * nothing goes, because unpackers differ there.
   */
  whiteout(path: string): void {
    const parts = split(path);
    const name = parts.pop();
    const parent = this.#direct(parts);
    const node = name === undefined ? undefined : parent?.children.get(name);
    if (!parent || !node) return;
    this.#forget(node);
    parent.children.delete(name!);
  }

  /** Deletes everything in a directory, before the layer adds anything. */
  opaque(path: string): void {
    const directory = this.#direct(split(path));
    for (const node of directory?.children.values() ?? []) this.#forget(node);
    directory?.children.clear();
  }

  /** The file that a path from the root leads to through symbolic links that stay inside; null: none. */
  find(path: string): Located<File> | null {
    const trail: Step<File>[] = [];
    const found = this.#walk(split(path), { trail });
    if (found?.kind !== 'file') return null;
    return { path: trail.map(({ name }) => name).join('/'), file: found.file };
  }

  /** Every file and symbolic link by path, links not followed, in no order. */
  *entries(): Generator<{ readonly path: string; readonly file: File | null }> {
    const open: { readonly prefix: string; readonly node: DirectoryNode<File> }[] = [{ prefix: '', node: this.#root }];
    for (let directory = open.pop(); directory; directory = open.pop()) {
      for (const [name, node] of directory.node.children) {
        const path = directory.prefix + name;
        if (node.kind === 'directory') open.push({ prefix: `${path}/`, node });
        else if (node.kind !== 'other') yield { path, file: node.kind === 'file' ? node.file : null };
      }
    }
  }

  #put(path: string, node: Node<File>): void {
    const place = this.#parentOf(path);
    if (place) this.#replace(place.parent, place.name, node);
  }

  #replace(parent: DirectoryNode<File>, name: string, node: Node<File>): void {
    const existing = parent.children.get(name);
    if (existing) this.#forget(existing);
    parent.children.set(name, node);
    if (++this.#nodes > LIMITS.imagePaths) throw beyondLimit(this.#name, `More than ${LIMITS.imagePaths} paths`);
  }

  /** Counts a node out, with everything below it. */
  #forget(node: Node<File>): void {
    const open: Node<File>[] = [node];
    for (let next = open.pop(); next; next = open.pop()) {
      this.#nodes--;
      if (next.kind === 'file') this.#removed(next.file);
      if (next.kind === 'directory') for (const child of next.children.values()) open.push(child);
    }
  }

  /** Where a path is to be put, through links of directories on the way; missing directories are made. null: it leads nowhere. */
  #parentOf(path: string): { readonly parent: DirectoryNode<File>; readonly name: string } | null {
    const parts = split(path);
    const name = parts.pop();
    if (name === undefined) return null;
    const parent = this.#walk(parts, { create: true });
    return parent?.kind === 'directory' ? { parent, name } : null;
  }

  /** Directories only, no links. */
  #direct(parts: readonly string[]): DirectoryNode<File> | null {
    let node: DirectoryNode<File> = this.#root;
    for (const part of parts) {
      this.#step(1);
      const child = node.children.get(part);
      if (child?.kind !== 'directory') return null;
      node = child;
    }
    return node;
  }

  /** Follows parts and links from the root. `create` makes directories, also in place of files; `trail` is given the way that was taken. */
  #walk(parts: readonly string[], { create, trail = [] }: { readonly create?: true; readonly trail?: Step<File>[] } = {}): Node<File> | null {
    const pending = parts.toReversed();
    let links = 0;
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      this.#step(1);
      if (part === '..') {
        trail.pop();
        continue;
      }
      const parent = trail.at(-1)?.node ?? this.#root;
      let child = parent.children.get(part);
      if (child?.kind === 'symlink') {
        if (++links > MOST_LINKS) return null;
        if (child.target.startsWith('/')) trail.length = 0;
        pending.push(...split(child.target).reverse());
        continue;
      }
      if (create && child?.kind !== 'directory') {
        child = { kind: 'directory', children: new Map() };
        this.#replace(parent, part, child);
      }
      if (child?.kind !== 'directory') {
        // A file ends the way; its own name belongs to it.
        if (child && pending.length === 0) trail.push({ name: part, node: this.#root });
        return pending.length === 0 ? (child ?? null) : null;
      }
      trail.push({ name: part, node: child });
    }
    return trail.at(-1)?.node ?? this.#root;
  }

  #step(count: number): void {
    this.#steps += count;
    if (this.#steps > LIMITS.imagePathSteps) throw beyondLimit(this.#name, `More than ${LIMITS.imagePathSteps} steps along paths`);
  }
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}
