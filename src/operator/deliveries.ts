import type { SettingsKey } from '../api/bundle.ts';
import { deliveryAnswerSchema, OFFER_PATH, SUPPLY_PATH } from '../api/delivery.ts';
import type { Bundle } from '../core/plan.ts';

/**
 * Brings a tenant's bundles to its agent by the connection that is there, as soon as they are in the cluster: the kubelet
 * takes from half a second to a minute longer. What goes wrong here costs just that, so nothing is tried twice: the next
 * pass does, as long as the agent has not got it.
 */
export interface Way {
  /** Sends a request to the agent and brings its answer; rejects when it says no. */
  post(path: string, body: string): Promise<string>;
  /** Monotonic milliseconds. */
  now(): number;
  failed(error: unknown, generation: string): void;
}

/** Characters of files in one request, as far as one file is not more. */
const BATCH = 1024 * 1024;
/** An agent that took it may need a moment to say so; one that starts anew must be brought it again. */
const AGAIN_MS = 5_000;

export class Deliveries {
  /** One is under way. */
  #busy = false;
  /** What is to come after it. */
  #next: Bundle | undefined;
  #brought: { readonly generation: string; readonly at: number } | undefined;

  /** Returns at once. One bundle at a time is under way; of those that come meanwhile only the last follows. */
  send(bundle: Bundle, way: Way): void {
    if (this.#busy) {
      this.#next = bundle;
      return;
    }
    const isSame = this.#brought?.generation === bundle.manifest.generation;
    if (isSame && way.now() - (this.#brought?.at ?? 0) < AGAIN_MS) return;
    this.#busy = true;
    void this.#bring(bundle, way);
  }

  async #bring(first: Bundle, way: Way): Promise<void> {
    for (let bundle: Bundle | undefined = first; bundle; bundle = this.#after(bundle)) {
      const { generation } = bundle.manifest;
      try {
        await deliver(bundle, way);
        this.#brought = { generation, at: way.now() };
      } catch (error) {
        way.failed(error, generation);
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

async function deliver({ manifest, texts, settings }: Bundle, { post }: Way): Promise<void> {
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
