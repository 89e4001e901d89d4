/** The image, or index of several, that something is said of: as the registry has it now. */
import { digestOf, isDigest, mediaTypeOf, unsound, type BuildContext, type Descriptor } from "../../../core/index.ts";
import { refusePage } from "../no-registry.ts";
import { explained } from "../not-there.ts";
import { ownClient } from "../own-client.ts";
import { parseReference } from "../reference.ts";
import { ACCEPTED_MANIFESTS, manifestPathIn, scopeOf, wholeName, type Repository } from "../repository.ts";
import type { RegistryImageOptions } from "../source.ts";
import { wholeAnswer } from "../whole-answer.ts";

export interface Subject {
  readonly repository: Repository;
  readonly subject: Descriptor;
}

/** Throws `E_REGISTRY` where it is not there, `E_REFERENCE`, `E_NETWORK`, and `E_BASE_IMAGE`. */
export async function openSubject(
  { reference: text, tlsVerify = true }: RegistryImageOptions,
  { insecureHosts, signal }: Pick<BuildContext, "insecureHosts" | "signal">,
): Promise<Subject> {
  const reference = parseReference(text);
  const { registry, repository: name, digest, tag } = reference;
  const hosts = tlsVerify ? insecureHosts : [...insecureHosts, registry];
  const repository = { client: await ownClient(reference, hosts, signal), name };
  const wanted = { reference, given: text, isPinned: false };
  const subject = await explained(wanted, () => fetchSubject(repository, digest ?? tag!, signal));
  return { repository, subject };
}

/** `reference`: a tag or a digest. */
async function fetchSubject(repository: Repository, reference: string, signal: AbortSignal): Promise<Descriptor> {
  const { response, bytes } = await wholeAnswer(
    () =>
      repository.client.send({
        path: manifestPathIn(repository, reference),
        scopes: [scopeOf(repository, "pull")],
        headers: { accept: ACCEPTED_MANIFESTS },
        maxBytes: "oci.document",
      }),
    signal,
  );
  refusePage(response, bytes);
  const shown = wholeName(repository);
  const digest = digestOf(bytes);
  const said = response.headers["docker-content-digest"];
  const wanted = isDigest(reference) ? reference : isDigest(said) ? said : digest;
  if (wanted !== digest) throw unsound(shown, `it gives the manifest ${digest} for ${wanted}`);
  const type = String(response.headers["content-type"] ?? "")
    .split(";", 1)[0]!
    .trim();
  return { mediaType: mediaTypeOf(shown, bytes, type === "" ? undefined : type), digest, size: bytes.length };
}
