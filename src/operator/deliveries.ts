import type { SettingsKey } from '../api/bundle.ts';
import { deliveryAnswerSchema, OFFER_PATH, SUPPLY_PATH } from '../api/delivery.ts';
import type { Bundle } from '../core/plan.ts';

/**
 * Sends a tenant's bundles to its agent over the existing connection, as soon as they are in the cluster: by the kubelet they
 * arrive from half a second to a minute later. A failure costs no more than that, so nothing is retried here; the next pass
 * sends the bundle again while the agent does not have it.
 */
export interface AgentChannel {
  /** Sends a request to the agent and returns its answer; rejects unless it accepts. */
  post(path: string, body: string): Promise<string>;
  /** Monotonic milliseconds. */
  now(): number;
  failed(error: unknown, generation: string): void;
}

/** Most characters of files in one request, unless a single file has more. */
const BATCH = 1024 * 1024;
/** An agent needs a moment to report a bundle that it took. After that it may have restarted, and gets it again. */
const AGAIN_MS = 5_000;

export class Deliveries {
  /** A bundle is being sent. */
  #busy = false;
  /** The bundle to send after it. */
  #next: Bundle | undefined;
  #brought: { readonly generation: string; readonly at: number } | undefined;

  /** Returns at once. One bundle at a time is sent; of those that come meanwhile only the last one follows. */
  send(bundle: Bundle, channel: AgentChannel): void {
    if (this.#busy) {
      this.#next = bundle;
      return;
    }
    const isSame = this.#brought?.generation === bundle.manifest.generation;
    if (isSame && channel.now() - (this.#brought?.at ?? 0) < AGAIN_MS) return;
    this.#busy = true;
    void this.#bring(bundle, channel);
  }

  async #bring(first: Bundle, channel: AgentChannel): Promise<void> {
    for (let bundle: Bundle | undefined = first; bundle; bundle = this.#after(bundle)) {
      const { generation } = bundle.manifest;
      try {
        await deliver(bundle, channel);
        this.#brought = { generation, at: channel.now() };
      } catch (error) {
        channel.failed(error, generation);
      }
    }
    this.#busy = false;
  }

  #after({ manifest: { generation } }: Bundle): Bundle | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next?.manifest.generation === generation ? undefined : next;
  }
}

async function deliver({ manifest, texts, settings }: Bundle, { post }: AgentChannel): Promise<void> {
  const { generation } = manifest;
  const ask = async (path: string, body: unknown): Promise<readonly string[]> =>
    deliveryAnswerSchema.parse(JSON.parse(await post(path, JSON.stringify(body)))).missing;
  const missing = new Set(await ask(OFFER_PATH, manifest)); // an agent that names a file a thousand times gets it once
  const files = [...missing].map(key => [key, texts.get(key) ?? settings.get(key as SettingsKey)] as const);
  for (const batch of batches(files)) await ask(SUPPLY_PATH, { generation, files: Object.fromEntries(batch) });
}

type File = readonly [key: string, text: string];

function* batches(files: readonly (readonly [key: string, text: string | undefined])[]): Generator<File[]> {
  let batch: File[] = [];
  let length = 0;
  for (const [key, text] of files) {
    if (text === undefined) throw new Error('The agent asks for a file that is not in the bundle');
    if (batch.length > 0 && length + text.length > BATCH) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push([key, text]);
    length += text.length;
  }
  if (batch.length > 0) yield batch;
}
