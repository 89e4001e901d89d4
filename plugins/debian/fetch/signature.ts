/**
 * OpenPGP signatures of releases (RFC 4880, 7 and 11.4), judged as apt judges gpgv's answer: at least one good one by
 * a trusted key that is neither expired nor revoked today, and none that is wrong.
 */
import type { PublicKey, VerifyMessageResult } from "openpgp";
import { ImageDslError, beyond, isWithin, messageOf, now } from "../../../core/index.ts";
import type { Keyring } from "./keyring.ts";

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const END = "-----END PGP SIGNATURE-----";

/** What openpgp says of a signature over other bytes; its other words are of expired or weak ones. */
const WRONG = /digest did not match|verification failed/;

/** Checks a clear-signed text and returns only what was signed. `name` names it. Throws `E_DEBIAN_SIGNATURE`. */
export async function verifyClearsigned(text: string, keyring: Keyring, name: string): Promise<string> {
  const body = text.replaceAll("\r\n", "\n").trimEnd();
  // Nothing may stand before, behind or between: what is not signed must not be there to be read.
  if (/^\s*<(!doctype|html|\?xml)/i.test(body)) throw pageError(name);
  const whole = body.startsWith(`${BEGIN}\n`) && body.endsWith(`\n${END}`);
  if (!whole || count(body, BEGIN) !== 1 || count(body, END) !== 1) {
    throw signatureError(name, "it is not one clear-signed text", keyring);
  }
  const { readCleartextMessage, verify } = await import("openpgp");
  const verificationKeys = [...keyring.keys];
  let result: VerifyMessageResult<string>;
  try {
    const message = await readCleartextMessage({ cleartextMessage: body });
    checkCount(message.getSigningKeyIDs().length);
    result = await verify({ message, verificationKeys, date: new Date(now()) });
  } catch (cause) {
    throw signatureError(name, messageOf(cause), keyring, cause);
  }
  await judge(result.signatures, keyring, name);
  return result.data;
}

/** Checks a detached signature, binary or armored. Throws `E_DEBIAN_SIGNATURE`. */
export async function verifyDetached(
  bytes: Uint8Array,
  signature: Uint8Array,
  keyring: Keyring,
  name: string,
): Promise<void> {
  const { createMessage, readSignature, verify } = await import("openpgp");
  let signatures: VerifyMessageResult["signatures"];
  try {
    const text = Buffer.from(signature).toString("latin1");
    const parsed = text.startsWith("-----BEGIN")
      ? await readSignature({ armoredSignature: text })
      : await readSignature({ binarySignature: signature });
    checkCount(parsed.getSigningKeyIDs().length);
    const message = await createMessage({ binary: bytes });
    ({ signatures } = await verify({
      message,
      signature: parsed,
      verificationKeys: [...keyring.keys],
      date: new Date(now()),
    }));
  } catch (cause) {
    throw signatureError(name, messageOf(cause), keyring, cause);
  }
  await judge(signatures, keyring, name);
}

async function judge(signatures: VerifyMessageResult["signatures"], keyring: Keyring, name: string): Promise<void> {
  let good = 0;
  const unknown: string[] = [];
  const unusable: string[] = [];
  for (const { keyID, verified } of signatures) {
    const id = keyID.toHex().toUpperCase();
    const key = keyring.keys.find((candidate) => candidate.getKeys(keyID).length > 0);
    const failure = await verified.then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    if (!key) {
      unknown.push(id);
      continue;
    }
    // The library checks a key as of the signature's time; apt also wants it to be valid today.
    const today = await checkToday(key, keyID, id);
    if (today !== undefined) unusable.push(today);
    else if (failure === undefined) good++;
    else if (WRONG.test(failure)) throw signatureError(name, `the signature by ${id} does not belong to it`, keyring);
    else unusable.push(`the signature by ${id} does not count: ${failure}`);
  }
  if (good > 0) return;
  if (unusable.length > 0) throw signatureError(name, unusable.join("; "), keyring);
  if (unknown.length === 0) throw signatureError(name, "it holds no signature", keyring);
  throw signatureError(name, `it is signed by ${unknown.join(" and ")}, and none of these keys is trusted`, keyring);
}

/** What is wrong with a key today; undefined: nothing. */
async function checkToday(
  key: PublicKey,
  keyID: Parameters<PublicKey["getSigningKey"]>[0],
  id: string,
): Promise<string | undefined> {
  try {
    await key.getSigningKey(keyID, new Date(now()));
    return undefined;
  } catch (error) {
    return `the key ${id} is not valid today: ${messageOf(error)}`;
  }
}

function checkCount(signatures: number): void {
  if (!isWithin("debian.signatures", signatures)) throw new Error(`it has ${beyond("debian.signatures")}`);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** As login pages of networks and proxies give, whatever was asked for. */
function pageError(name: string): ImageDslError {
  return new ImageDslError("E_DEBIAN_SIGNATURE", `Cannot trust ${name}: it is a web page, not a release`, {
    hint: "Look at the address in a browser: a proxy or the network's login page may answer in the archive's place",
  });
}

function signatureError(name: string, what: string, keyring: Keyring, cause?: unknown): ImageDslError {
  return new ImageDslError("E_DEBIAN_SIGNATURE", `Cannot trust ${name}: ${what}`, {
    hint: `Set keyring: in debian({ … }) to a file with the archive's current keys (used: ${keyring.origin})`,
    cause,
  });
}
