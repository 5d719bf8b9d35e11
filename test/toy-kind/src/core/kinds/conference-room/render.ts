import { setAll } from '../../asterisk/extension-line.ts';
import type { ObjectWriter } from '../../asterisk/object-writer.ts';
import type { ResolvedRoom } from './resolve.ts';

/** One line: where a caller goes who finds the room full. */
export function render(out: ObjectWriter, { name, whenFull }: ResolvedRoom): void {
  out.text('extensions_tenant.conf', `[conferences](+)\n${setAll(name, ['C_FULL'], [whenFull])}`);
}
