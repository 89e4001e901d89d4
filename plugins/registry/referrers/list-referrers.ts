/** What refers to an image: by the registry's API, else by the tag that stands in for it. */
import {
  ImageDslError,
  MEDIA_TYPE,
  beyond,
  isWithin,
  readIndex,
  type BuildContext,
  type Descriptor,
  type Digest,
} from "../../../core/index.ts";
import { scopeOf, wholeName, type Repository } from "../repository.ts";
import type { RegistryImageOptions } from "../source.ts";
import { wholeAnswer } from "../whole-answer.ts";
import { referrersUnderTag } from "./referrers-tag.ts";
import { openSubject } from "./subject.ts";

/** In all pages together. */
const MAX_PAGES = 100;
/** No such path, or no such API: the specification wants 404 only of the second. */
const WITHOUT_API = [400, 404, 405, 501];

/** Throws `E_REGISTRY` and its like, `E_NETWORK`, `E_BASE_IMAGE`. */
export async function listReferrers(
  options: RegistryImageOptions,
  context: BuildContext,
): Promise<readonly Descriptor[]> {
  const { repository, subject } = await openSubject(options, context);
  return referrersOf(repository, subject.digest, context.signal);
}

async function referrersOf(repository: Repository, subject: Digest, signal: AbortSignal) {
  const found: Descriptor[] = [];
  const first = `${repository.name}/referrers/${subject}`;
  let next: string | URL | undefined = first;
  for (let page = 0; next !== undefined; page++) {
    const path: string | URL = next;
    const accepts = page === 0 ? WITHOUT_API : [];
    const scopes = [scopeOf(repository, "pull")];
    const ask = () => repository.client.send({ path, scopes, headers: { accept: MEDIA_TYPE.oci.index }, accepts });
    const { response, bytes } = await wholeAnswer(ask, signal);
    const isIndex = String(response.headers["content-type"]).split(";", 1)[0]!.trim() === MEDIA_TYPE.oci.index;
    if (page === 0 && (response.status >= 300 || !isIndex)) return referrersUnderTag(repository, subject, signal);
    found.push(...readIndex(`${wholeName(repository)}@${subject}`, bytes, MEDIA_TYPE.oci.index));
    if (!isWithin("oci.referrers", found.length) || page === MAX_PAGES) throw endless(repository, subject);
    next = nextPage(response, first);
  }
  return found;
}

/** RFC 8288. It leads to the same list of the same host, or nowhere. */
function nextPage(
  { headers, url }: { readonly headers: Readonly<Record<string, unknown>>; readonly url: string },
  first: string,
) {
  const [, target] = /<([^<>]*)>\s*;\s*rel="?next"?/i.exec([headers["link"] ?? ""].flat().join(", ")) ?? [];
  if (target === undefined) return undefined;
  const next = URL.canParse(target, url) ? new URL(target, url) : undefined;
  if (next?.origin === new URL(url).origin && next.pathname === `/v2/${first}`) return next;
  throw new ImageDslError(
    "E_REGISTRY",
    `The registry ${new URL(url).host} leads from a list of referrers to another place`,
    {
      hint: "Ask whoever runs the registry: the rest of a list has to be at the same path (Link)",
    },
  );
}

function endless(repository: Repository, subject: Digest): ImageDslError {
  return new ImageDslError(
    "E_REGISTRY",
    `${wholeName(repository)} lists ${beyond("oci.referrers")} of ${subject}, or more than ${MAX_PAGES} pages`,
  );
}
