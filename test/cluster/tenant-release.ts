import { join } from 'node:path';
import { environment, type Result, tryKubectl } from './environment.ts';
import { type HelmMajor, helm, tryHelm } from './helm.ts';

/** A tenant as a release of charts/tenant, or of a chart that has that one as a part. */
export type Values = Readonly<Record<string, unknown>>;

const CHART = join(import.meta.dirname, '../../charts/tenant');

/** The images of this cluster, as `image` of the charts. */
export function clusterImage(): Values {
  const { operator, pbx } = environment().images;
  const registry = operator.slice(0, operator.lastIndexOf('/'));
  const named = (image: string): Values => {
    const [repository, tag] = image.slice(image.lastIndexOf('/') + 1).split(':');
    return { repository, tag };
  };
  return { registry, operator: named(operator), pbx: named(pbx) };
}

export class TenantRelease {
  readonly name: string;
  readonly #major: HelmMajor;
  readonly #chart: string;
  readonly #place: readonly string[];

  constructor(name: string, { major = 4, chart = CHART }: { major?: HelmMajor; chart?: string } = {}) {
    this.name = name;
    this.#major = major;
    this.#chart = chart;
    this.#place = ['--namespace', name];
  }

  /** Installs or upgrades it. */
  put(values: Values): Promise<string> {
    const words = ['upgrade', '--install', this.name, this.#chart, ...this.#place, '--create-namespace', '--values=-'];
    return helm(words, { major: this.#major, input: this.#withImage(values) });
  }

  /** What the API server says of its manifests, hooks too, without taking them. */
  async dryRun(values: Values): Promise<string> {
    const words = ['template', this.name, this.#chart, ...this.#place, '--values=-'];
    const manifests = await helm(words, { major: this.#major, input: this.#withImage(values) });
    const apply = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', '-'];
    const { stdout, stderr } = await tryKubectl(apply, manifests);
    return stdout + stderr;
  }

  test(): Promise<Result> {
    return tryHelm(['test', this.name, ...this.#place, '--timeout=200s'], { major: this.#major });
  }

  uninstall(): Promise<Result> {
    return tryHelm(['uninstall', this.name, ...this.#place, '--wait', '--timeout=120s'], { major: this.#major });
  }

  async rollback(revision: number): Promise<void> {
    await helm(['rollback', this.name, String(revision), ...this.#place], { major: this.#major });
  }

  async status(): Promise<string> {
    const words = ['status', this.name, ...this.#place, '--output=json'];
    return JSON.parse(await helm(words, { major: this.#major })).info.status;
  }

  #withImage(values: Values): string {
    return JSON.stringify(this.#chart === CHART ? { image: clusterImage(), ...values } : values);
  }
}
