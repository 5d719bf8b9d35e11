import { setAll } from '../../asterisk/extension-line.ts';
import type { ObjectWriter } from '../../asterisk/written.ts';
import type { ResolvedNumber } from './resolve.ts';

/** One line: where the calls of a number go. */
export function render(out: ObjectWriter, { number, word }: ResolvedNumber): void {
  const digits = number.spec.number.replace(/\D/g, '');
  out.section('extensions_tenant.conf', `[numbers](+)\n${setAll(digits, ['RF_NEXT'], [word])}`);
}
