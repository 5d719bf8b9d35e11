declare module 'asterisk-manager' {
  /** What it makes of a message: names in lower case, a repeated one an array, variables an object. */
  export type Item = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, string>>>>;
  type Done = (error: Item | undefined, item?: Item) => void;

  interface Manager {
    readonly options: { username: string; password: string; events: boolean };
    on(event: string, listener: (...args: Item[]) => void): void;
    once(event: string, listener: (...args: Item[]) => void): void;
    emit(event: string, error: Item | undefined, item: Item): void;
    removeAllListeners(event: string): void;
    connect(port: number, host: string): void;
    login(done: Done): void;
    action(fields: Record<string, string>): void;
    disconnect(): void;
  }

  const Manager: new () => Manager;
  export default Manager;
}
