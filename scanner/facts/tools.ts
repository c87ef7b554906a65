import type { CustomFact, Tool } from './facts.ts';
import type { Recognised } from './markers.ts';

/** More than any honest producers section, which names below ten, and more than expressions look at: to those, a longer list is an error and not half a list. */
const MAX_TOOLS = 1000;

/**
 * The tools that made the artifact: first what producers sections declare, then what was recognised and not declared
 * (as `sdk`, version empty). Sorted by nothing: order of the file. Claims, never proof.
 */
export function collectTools(customs: readonly CustomFact[], recognised: readonly Recognised[]): Tool[] {
  const tools = new Map<string, Tool>();
  const add = (tool: Tool) => {
    const key = [tool.field, tool.name, tool.version, tool.path].join('\0');
    if (tools.size < MAX_TOOLS && !tools.has(key)) tools.set(key, tool);
  };
  for (const custom of customs) for (const tool of declared(custom)) add(tool);
  const names = new Set([...tools.values()].map(({ path, name }) => `${path}\0${baseName(name)}`));
  for (const { tool, path } of recognised) {
    if (tool && !names.has(`${path}\0${baseName(tool)}`)) add({ name: tool, version: '', field: 'sdk', path });
  }
  return [...tools.values()];
}

function* declared({ content, path }: CustomFact): Generator<Tool> {
  if (content.kind === 'go-version') yield { name: 'Go', version: content.version, field: 'processed-by', path };
  if (content.kind !== 'producers') return;
  for (const field of content.fields) {
    if (field.name !== 'language' && field.name !== 'processed-by' && field.name !== 'sdk') continue;
    for (const { name, version } of field.values) yield { name, version, field: field.name, path };
  }
}

/** `Go cmd/compile` and `Go` are one tool. */
function baseName(name: string): string {
  return name.toLowerCase().replace(/ cmd\/\w+$/, '');
}
