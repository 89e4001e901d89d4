/**
 * Keys that belong to one container. Scripts see the file, and may change its owner; the image gets none, as everyone who
 * has the image would have the key.
 */
import { type TreePath, displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";

const RNDC_KEY = "/etc/bind/rndc.key";
/** Of a key for hmac-sha256, in the form that named reads. */
const RNDC_KEY_SIZE = 100;

/** A certificate that the machine signs itself, and its key, as PEM. */
const SNAKEOIL = {
  certificate: "etc/ssl/certs/ssl-cert-snakeoil.pem" as TreePath,
  certificateSize: 1_200,
  key: "etc/ssl/private/ssl-cert-snakeoil.key" as TreePath,
  keySize: 1_704,
} as const;

export const KEY_COMMANDS: CommandTable = {
  "rndc-confgen"(invocation) {
    if (invocation.args.join(" ") !== "-a") return invocation.refuse("rndc-confgen with such options");
    return makeKey(invocation, RNDC_KEY, 0o600, RNDC_KEY_SIZE);
  },
  openssl(invocation) {
    const [, encoding, path, count] =
      /^rand -(base64|hex) -out (\S+) ([0-9]{1,4})$/.exec(invocation.args.join(" ")) ?? [];
    if (path === undefined) return invocation.refuse(`openssl ${displayBytes(invocation.args[0] ?? "")}`);
    const length = encoding === "hex" ? 2 * Number(count) : 4 * Math.ceil(Number(count) / 3);
    // base64 comes in lines of 64.
    const ends = encoding === "hex" ? 1 : Math.ceil(length / 64);
    return makeKey(invocation, path, 0o666 & ~invocation.shell.umask, length + ends);
  },
  "make-ssl-cert"(invocation) {
    if (invocation.args.join(" ") !== "generate-default-snakeoil")
      return invocation.refuse("make-ssl-cert for such a key");
    const { accounts, files } = invocation.world;
    const group = accounts.groups().find(({ name }) => name === "ssl-cert");
    if (group === undefined) return invocation.refuse("make-ssl-cert without the group ssl-cert");
    files.writeUnknown(SNAKEOIL.certificate, 0o644, SNAKEOIL.certificateSize);
    makeKey(invocation, `/${SNAKEOIL.key}`, 0o640, SNAKEOIL.keySize);
    files.changeMeta(SNAKEOIL.key, { gid: group.gid });
    return 0;
  },
};

function makeKey({ name, shell, world }: Invocation, path: string, mode: number, size: number): number {
  world.files.writeUnknown(world.files.resolve(path, shell.directory), mode, size);
  const reason = "a key made here would be the same in every container";
  world.note("left-out", `${name}: ${reason}: make ${displayBytes(path)} when the container starts`);
  return 0;
}
