import { createSocket, type Socket } from 'node:dgram';

/** One end of a conversation in RTP: says PCMA every 20 ms, as a phone does, and counts what it hears. */
const FRAME_MS = 20;
const SAMPLES = 160;
/** The A-law code of silence, and one that is loud: whoever forwards what was said forwards this. */
const SILENCE = 0xd5;

export class RtpEnd {
  /** RTP packets that came in, and those of them whose payload was this end's idea of a word. */
  heard = 0;
  readonly words = new Map<number, number>();
  readonly #socket: Socket;
  readonly address: string;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 1;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    socket.on('message', packet => {
      if (packet.length < 13) return;
      this.heard++;
      const word = packet[12] ?? SILENCE;
      this.words.set(word, (this.words.get(word) ?? 0) + 1);
    });
  }

  static async open(address: string): Promise<RtpEnd> {
    const socket = createSocket('udp4');
    await new Promise<void>(resolve => socket.bind(0, address, resolve));
    return new RtpEnd(socket, address);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Repeats one A-law code to where the SDP of the other side says. */
  say(word: number, sdp: string): void {
    this.hush();
    const host = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1] ?? '127.0.0.1';
    const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0);
    if (port === 0) throw new Error(`No audio in ${sdp}`);
    this.#timer = setInterval(() => {
      const packet = Buffer.alloc(12 + SAMPLES, word);
      packet.writeUInt16BE(0x8008, 0);
      packet.writeUInt16BE(this.#sequence & 0xffff, 2);
      packet.writeUInt32BE((this.#sequence++ * SAMPLES) >>> 0, 4);
      packet.writeUInt32BE(0x52494e47, 8);
      this.#socket.send(packet, port, host);
    }, FRAME_MS);
  }

  hush(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.hush();
    await new Promise<void>(resolve => this.#socket.close(() => resolve()));
  }
}
