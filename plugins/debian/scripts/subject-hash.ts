/**
 * OpenSSL's hash of a certificate's subject (X509_NAME_hash): SHA-1 over the name in a canonical encoding, strings in
 * UTF-8, lower case, white space collapsed; its first four bytes, little-endian. X.690 gives the encoding.
 */
import { createHash } from "node:crypto";

export interface Subject {
  /** Eight hex digits. */
  readonly hash: string;
  /** SHA-1 of the whole certificate: what tells equal ones. */
  readonly fingerprint: string;
}

/** Undefined for a text that holds no certificate, several, or a malformed one. */
export function subjectHash(pem: string): Subject | undefined {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (blocks.length !== 1) return undefined;
  const der = Buffer.from(blocks[0]![1]!, "base64");
  try {
    const canonical = canonicalName(subjectOf(der));
    const hash = createHash("sha1").update(canonical).digest().readUInt32LE(0);
    return { hash: hash.toString(16).padStart(8, "0"), fingerprint: createHash("sha1").update(der).digest("hex") };
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

class MalformedError extends Error {}

interface Element {
  readonly tag: number;
  readonly body: Buffer;
  /** The whole element, header included. */
  readonly whole: Buffer;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const UTF8_STRING = 0x0c;

/** The elements inside a constructed one. */
function elements(body: Buffer): readonly Element[] {
  const result: Element[] = [];
  for (let at = 0; at < body.length;) {
    const tag = body[at]!;
    let length = body[at + 1] ?? 0x80;
    let header = 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 3 || at + 2 + count > body.length) throw new MalformedError();
      length = body.readUIntBE(at + 2, count);
      header += count;
    }
    const end = at + header + length;
    if ((tag & 0x1f) === 0x1f || end > body.length) throw new MalformedError();
    result.push({ tag, body: body.subarray(at + header, end), whole: body.subarray(at, end) });
    at = end;
  }
  return result;
}

/** Certificate → tbsCertificate → subject (RFC 5280, 4.1): the fifth member, after an optional version. */
function subjectOf(der: Buffer): Buffer {
  const certificate = elements(der)[0];
  const signed = certificate?.tag === SEQUENCE ? elements(certificate.body)[0] : undefined;
  if (signed?.tag !== SEQUENCE) throw new MalformedError();
  const members = elements(signed.body);
  const subject = members[members[0]?.tag === 0xa0 ? 5 : 4];
  if (subject?.tag !== SEQUENCE) throw new MalformedError();
  return subject.body;
}

function canonicalName(name: Buffer): Buffer {
  const sets = elements(name).map((set) => {
    if (set.tag !== SET) throw new MalformedError();
    const attributes = elements(set.body).map((attribute) => {
      const [type, value] = attribute.tag === SEQUENCE ? elements(attribute.body) : [];
      if (!type || !value) throw new MalformedError();
      return encode(SEQUENCE, Buffer.concat([type.whole, canonicalValue(value)]));
    });
    return encode(SET, Buffer.concat(attributes.sort(Buffer.compare)));
  });
  return Buffer.concat(sets);
}

function canonicalValue(value: Element): Buffer {
  const text = textOf(value);
  if (text === undefined) return value.whole;
  // White space and case are ASCII's only.
  const collapsed = text
    .replace(/^[ \t\n\v\f\r]+|(?<![ \t\n\v\f\r])[ \t\n\v\f\r]+$/g, "")
    .replace(/[ \t\n\v\f\r]+/g, " ");
  return encode(
    UTF8_STRING,
    Buffer.from(
      collapsed.replace(/[A-Z]/g, (char) => char.toLowerCase()),
      "utf8",
    ),
  );
}

/** Strings that OpenSSL converts; others are hashed as they are. */
function textOf({ tag, body }: Element): string | undefined {
  switch (tag) {
    case UTF8_STRING:
      return body.toString("utf8");
    case 0x13: // PrintableString
    case 0x14: // T61String
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return body.toString("latin1");
    case 0x1e: // BMPString
      return Buffer.from(body.length % 2 === 0 ? body : Buffer.alloc(0))
        .swap16()
        .toString("utf16le");
    case 0x1c: // UniversalString
      return universalText(body);
    default:
      return undefined;
  }
}

function universalText(body: Buffer): string {
  let text = "";
  for (let at = 0; at + 4 <= body.length; at += 4) {
    const code = body.readUInt32BE(at);
    if (code > 0x10ffff) throw new MalformedError();
    text += String.fromCodePoint(code);
  }
  return text;
}

function encode(tag: number, body: Buffer): Buffer {
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), body]);
  if (length < 0x10000) return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body]);
  throw new MalformedError();
}
