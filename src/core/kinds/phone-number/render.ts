import { setAll } from '../../asterisk/extension-line.ts';
import type { ObjectWriter } from '../../asterisk/object-writer.ts';
import type { ResolvedNumber } from './resolve.ts';

/** One line with the destination of a number's calls. */
export function render(out: ObjectWriter, { number, word }: ResolvedNumber): void {
  const digits = number.spec.number.replace(/\D/g, '');
  out.text('extensions_tenant.conf', `[numbers](+)\n${setAll(digits, ['RF_NEXT'], [word])}`);
}
