/**
 * Addresses of this machine, of its network and of its cloud: where a server elsewhere has no business to send us.
 * Names are not looked up; only those that always mean this machine count.
 */

/** IPv4 by first address and bits of the prefix (RFC 6890 and its like). */
const INNER_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];

/** A host as `URL.hostname` gives it, which has already made `0x7f.1` and `2130706433` into `127.0.0.1`. */
export function isInnerHost(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  if (name.startsWith("[")) return isInnerV6(name.slice(1, -1));
  if (/^[0-9.]+$/.test(name)) return isInnerV4(numberOf(name));
  return OWN_NAMES.has(name) || name.endsWith(".localhost") || name.endsWith(".localdomain");
}

/** As /etc/hosts has them on Debian and its like. */
const OWN_NAMES = new Set(["localhost", "ip6-localhost", "ip6-loopback"]);

function isInnerV4(address: number): boolean {
  return INNER_V4.some(([first, bits]) => address >>> (32 - bits) === numberOf(first) >>> (32 - bits));
}

function isInnerV6(text: string): boolean {
  const words = wordsOf(text);
  const last = words[6]! * 65536 + words[7]!;
  const leading = words.slice(0, 5).every((word) => word === 0);
  // `::`, `::1`, and IPv4 in the forms `::a.b.c.d` and `::ffff:a.b.c.d`.
  if (leading && (words[5] === 0 || words[5] === 0xffff)) return isInnerV4(last);
  // IPv4 behind a translator (RFC 6052).
  if (words[0] === 0x64 && words[1] === 0xff9b) return isInnerV4(last);
  // IPv4 in 6to4 (RFC 3056).
  if (words[0] === 0x2002) return isInnerV4(words[1]! * 65536 + words[2]!);
  // What is private, of the link, of the site or for many is outside the range of global addresses.
  return words[0]! >>> 13 !== 1;
}

function numberOf(text: string): number {
  return text.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

/** The eight words of an address that a URL's parser has made canonical: without dots, with at most one `::`. */
function wordsOf(text: string): readonly number[] {
  const [head = "", tail] = text.split("::");
  const parse = (part: string) => (part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16)));
  if (tail === undefined) return parse(head);
  const [before, behind] = [parse(head), parse(tail)];
  return [...before, ...Array<number>(8 - before.length - behind.length).fill(0), ...behind];
}
