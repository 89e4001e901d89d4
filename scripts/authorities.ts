/**
 * NODE_EXTRA_CA_CERTS of a test run. Node 20 reads all of that file at each start, which takes as long as all else that it does then,
 * and a run starts Node thousands of times. Where it is the system's bundle, Node has most of its authorities anyway.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Writes those of `bundle` that Node itself does not bring to `file`; false where there are none. */
export function writeFurtherAuthorities(bundle: string, file: string): boolean {
  const known = new Set(rootCertificates.map(withoutBlanks));
  const all = readFileSync(bundle, "latin1").match(CERTIFICATE) ?? [];
  const further = all.filter((each) => !known.has(withoutBlanks(each)));
  writeFileSync(file, further.map((each) => `${each}\n`).join(""));
  return further.length > 0;
}

function withoutBlanks(certificate: string): string {
  return certificate.replace(/\s/g, "");
}
