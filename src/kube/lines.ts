import { KubeError } from './errors.ts';

/** The longest line of a watch: an object is at most 1.5 MB in etcd, and a little more as JSON. */
const MAX_LINE = 8 * 1024 * 1024;

/** The lines of a stream of text except empty ones. A last line without a line break was cut off and is dropped. */
export async function* linesOf(chunks: AsyncIterable<unknown>, max = MAX_LINE): AsyncGenerator<string> {
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const [first = '', ...others] = String(chunk).split('\n');
    parts.push(first);
    length += first.length;
    for (const other of others) {
      const line = parts.join('');
      parts = [other];
      length = other.length;
      if (line !== '') yield line;
    }
    if (length > max) throw new KubeError(0, 'LineTooLong', `A line of the watch is longer than ${max} characters`);
  }
}
