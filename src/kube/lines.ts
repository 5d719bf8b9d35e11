import { KubeError } from './errors.ts';

/** An object of Kubernetes is at most 1.5 MB in etcd, a little more as JSON: what is longer is no line of a watch. */
const MAX_LINE = 8 * 1024 * 1024;

/** The lines of a stream of text, without the empty ones. A rest without its end is no line: it was cut. */
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
