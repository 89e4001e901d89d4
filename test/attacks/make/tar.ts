/** Tars by hand, block by block: with whatever a hostile writer would put there, and cheap even where what they say is large. */

export interface RawMember {
  readonly name: string;
  /** The header's type flag: `0` file, `1` hard link, `2` symlink, `5` directory, `x` pax, `L` GNU long name. Default `0`. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly body?: Uint8Array | string;
  /** What the header says, where that is not the body's. */
  readonly size?: number;
}

const BLOCK = 512;
/** What eleven octal digits can say; beyond that sizes are in base 256. */
const MOST_OCTAL = 8 ** 11 - 1;

export function tarOf(...members: readonly (RawMember | Uint8Array)[]): Buffer {
  return Buffer.concat([...members.map((each) => (each instanceof Uint8Array ? each : block(each))), END]);
}

export const END = Buffer.alloc(2 * BLOCK);

/** A member without the end of a tar behind it. */
export function block({ name, type = "0", link = "", mode = 0o644, body = "", size }: RawMember): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  const said = size ?? bytes.length;
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, "latin1");
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  if (said <= MOST_OCTAL) header.write(`${said.toString(8).padStart(11, "0")}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(said), 128);
  }
  header.write("00000000001\0", 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(link, 157, 100, "latin1");
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))]);
}

/** A pax header for the member behind it. */
export function pax(records: Readonly<Record<string, string>>): Buffer {
  const body = Object.entries(records).map(([key, value]) => record(key, value));
  return block({ name: "pax", type: "x", body: body.join("") });
}

/** Its length counts its own digits. */
function record(key: string, value: string): string {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
