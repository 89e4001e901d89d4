/** One read-only disk for QEMU over a unix socket, whose bytes are made when they are asked for (NBD protocol, "fixed newstyle"). */
import type { Socket } from "node:net";
import { bufferedReader, type BufferedReader } from "./buffered-reader.ts";

/** What is served. */
export interface Disk {
  /** Bytes. */
  readonly size: number;
  read(target: Uint8Array, offset: number, length: number): void;
}

const OPTION_MAGIC = 0x49484156454f5054n; // IHAVEOPT
const REPLY_MAGIC = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const SIMPLE_REPLY_MAGIC = 0x67446698;

const HANDSHAKE_FLAGS = 1 | 2; // fixed newstyle, no zeroes
const EXPORT_FLAGS = 1 | 2; // has flags, read only
const OPTION = { exportName: 1, abort: 2, info: 6, go: 7 };
const REPLY = { ack: 1, info: 3, unsupported: 2 ** 31 + 1 };
const COMMAND = { read: 0, disconnect: 2 };
const INPUT_ERROR = 5;
const INVALID = 22;

/** QEMU asks for as much at a time, at most. */
const MAX_READ = 32 * 1024 * 1024;
const MAX_OPTION = 64 * 1024;

/** Takes connections to the disk. `onFailure`: what went wrong with reading it, where the guest saw an input error. */
export function diskServer(disk: Disk, onFailure: (error: unknown) => void): (socket: Socket) => void {
  return (socket) => void serve(socket, disk, onFailure).catch(() => socket.destroy());
}

async function serve(socket: Socket, disk: Disk, onFailure: (error: unknown) => void): Promise<void> {
  const input = bufferedReader(socket);
  const hello = Buffer.alloc(18);
  hello.write("NBDMAGIC", 0, "latin1");
  hello.writeBigUInt64BE(OPTION_MAGIC, 8);
  hello.writeUInt16BE(HANDSHAKE_FLAGS, 16);
  socket.write(hello);
  await input.read(4);
  if (await negotiate(socket, input, disk.size)) await answerReads(socket, input, disk, onFailure);
  socket.end();
}

/** Until the client wants the disk; false where it goes away. */
async function negotiate(socket: Socket, input: BufferedReader, size: number): Promise<boolean> {
  for (;;) {
    const head = await input.read(16);
    const option = head.readUInt32BE(8);
    const length = head.readUInt32BE(12);
    if (head.readBigUInt64BE(0) !== OPTION_MAGIC || length > MAX_OPTION) return false;
    await input.read(length);
    if (option === OPTION.abort) return false;
    if (option === OPTION.exportName) {
      socket.write(exportInfo(size));
      return true;
    }
    if (option !== OPTION.go && option !== OPTION.info) {
      socket.write(optionReply(option, REPLY.unsupported, Buffer.alloc(0)));
      continue;
    }
    socket.write(optionReply(option, REPLY.info, Buffer.concat([Buffer.alloc(2), exportInfo(size)])));
    socket.write(optionReply(option, REPLY.ack, Buffer.alloc(0)));
    if (option === OPTION.go) return true;
  }
}

function exportInfo(size: number): Buffer {
  const info = Buffer.alloc(10);
  info.writeBigUInt64BE(BigInt(size), 0);
  info.writeUInt16BE(EXPORT_FLAGS, 8);
  return info;
}

function optionReply(option: number, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(20);
  head.writeBigUInt64BE(REPLY_MAGIC, 0);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(data.length, 16);
  return Buffer.concat([head, data]);
}

async function answerReads(
  socket: Socket,
  input: BufferedReader,
  disk: Disk,
  onFailure: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    const request = await input.read(28);
    if (request.readUInt32BE(0) !== REQUEST_MAGIC) return;
    const command = request.readUInt16BE(6);
    if (command === COMMAND.disconnect) return;
    const offset = Number(request.readBigUInt64BE(16));
    const length = request.readUInt32BE(24);
    const isRead = command === COMMAND.read && length <= MAX_READ && offset + length <= disk.size;
    const reply = Buffer.alloc(isRead ? 16 + length : 16);
    reply.writeUInt32BE(SIMPLE_REPLY_MAGIC, 0);
    request.copy(reply, 8, 8, 16);
    try {
      if (isRead) disk.read(reply.subarray(16), offset, length);
      else reply.writeUInt32BE(INVALID, 4);
      await write(socket, reply);
    } catch (error) {
      onFailure(error);
      reply.writeUInt32BE(INPUT_ERROR, 4);
      await write(socket, reply.subarray(0, 16));
    }
  }
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
}
