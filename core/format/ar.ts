/**
 * The members of an ar archive, as .deb files use it (deb(5)): a global header, then for each member 60 bytes of
 * header and the body, padded to an even offset. Only the headers are read; bodies are found by offset and size.
 */
import type { FileHandle } from "node:fs/promises";
import { ImageDslError } from "../error.ts";
import { beyond, isWithin } from "../limits/limits.ts";
import { displayBytes } from "../model/bytes.ts";

/** One file of an ar archive, as Debian packages have them (deb(5)). */
export interface ArMember {
  /** A byte string without the trailing slash that some writers add. */
  readonly name: string;
  /** Of the body. */
  readonly offset: number;
  /** Bytes of the body, without the padding to an even offset. */
  readonly size: number;
}

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

/**
 * Members in the order of the file. Throws `E_ARCHIVE_FORMAT` for anything that deb(5) does not describe: another
 * magic number, damaged headers, a name given twice, long-name tables, a body that the file is too short for, too
 * many members. `name` names the file in messages.
 */
export async function readArMembers(file: FileHandle, name: string): Promise<readonly ArMember[]> {
  const fail = (what: string) => invalid(name, what);
  const end = (await file.stat()).size;
  const magic = await readText(file, 0, MAGIC.length);
  if (magic !== MAGIC) throw fail("it is no ar archive");
  const members: ArMember[] = [];
  for (let position = MAGIC.length; position < end;) {
    if (!isWithin("ar.members", members.length + 1)) throw fail(`it has ${beyond("ar.members")}`);
    const header = await readText(file, position, HEADER_BYTES);
    if (header.length < HEADER_BYTES) throw fail("it ends within a member's header");
    const member = parseHeader(header, position + HEADER_BYTES, fail);
    if (member.offset + member.size > end) throw fail(`it ends within the member "${displayBytes(member.name)}"`);
    if (members.some((other) => other.name === member.name)) {
      throw fail(`it has two members named "${displayBytes(member.name)}"`);
    }
    members.push(member);
    // The padding byte of an odd last member may be missing, as in what some writers make.
    position = member.offset + member.size + (member.size % 2);
  }
  return members;
}

function parseHeader(header: string, offset: number, fail: (what: string) => ImageDslError): ArMember {
  if (header.slice(58) !== "`\n") throw fail("a member's header is damaged");
  const name = header.slice(0, 16).trimEnd().replace(/\/$/, "");
  // oxlint-disable-next-line no-control-regex -- control characters are among what must not be there
  if (name === "" || /[/\x00-\x20]/.test(name))
    throw fail(`a member's name "${displayBytes(header.slice(0, 16))}" is not allowed`);
  const size = header.slice(48, 58).trimEnd();
  if (!/^[0-9]+$/.test(size)) throw fail(`the size of the member "${displayBytes(name)}" is no number`);
  return { name, offset, size: Number(size) };
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.toString("latin1", 0, filled);
}

function invalid(name: string, what: string): ImageDslError {
  return new ImageDslError("E_ARCHIVE_FORMAT", `Cannot read ${name}: ${what}`, {
    hint: "The file is damaged or incomplete: fetch or make it again",
  });
}
