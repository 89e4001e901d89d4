/** A layout's `index.json` (OCI image spec, image-layout.md): the images that are in it, by name. */
import {
  ImageDslError,
  beyond,
  isWithin,
  MEDIA_TYPE,
  NAME_ANNOTATIONS,
  canonicalJson,
  descriptorJson,
  isRecord,
  isReference,
  repeatedKey,
  splitReference,
  withRegistry,
  type Descriptor,
  type Digest,
  type Json,
  type PackedTarget,
} from "../../core/index.ts";
import { unfit } from "./place.ts";

/** A target's manifest or index under its name, as `index.json` lists it. */
export interface NamedTarget {
  /** Without one, it is the one that no name is asked for. */
  readonly name?: string;
  readonly descriptor: Descriptor;
}

/** `name`: in place of a target's own, and its further ones. Throws `E_OUTPUT_INVALID` where two would have one name. */
export async function namedTargets(
  targets: readonly PackedTarget[],
  name: string | undefined,
): Promise<readonly NamedTarget[]> {
  const named: NamedTarget[] = [];
  for (const target of targets) {
    const { descriptor } = await target.top();
    for (const { inLayout, whole } of name === undefined ? await ownNames(target) : [await givenName(target, name)]) {
      const other = named.find((each) => inLayout !== undefined && each.name === inLayout);
      if (other !== undefined && other.descriptor.digest !== descriptor.digest) throw twice(inLayout!);
      if (other !== undefined) continue;
      named.push({
        ...(inLayout !== undefined && { name: inLayout }),
        descriptor: withNames(descriptor, inLayout, whole),
      });
    }
  }
  return named;
}

interface Names {
  readonly inLayout: string | undefined;
  /** With name and tag, as far as both are known. */
  readonly whole: string | undefined;
}

/** What comes from another layout keeps the name that it has there. */
async function ownNames({ reference, called, aliases }: PackedTarget): Promise<readonly Names[]> {
  const whole = await reference();
  return [
    { inLayout: called?.inLayout ?? whole, whole },
    ...aliases.map((alias) => ({ inLayout: alias, whole: alias })),
  ];
}

async function givenName({ reference, called }: PackedTarget, name: string): Promise<Names> {
  if (isReference(name)) return { inLayout: name, whole: name };
  const own = await reference();
  const repository = own === undefined ? called?.repository : splitReference(own)[0];
  return { inLayout: name, whole: repository && `${repository}:${name}` };
}

function withNames(descriptor: Descriptor, inLayout: string | undefined, whole: string | undefined): Descriptor {
  const annotations = {
    ...descriptor.annotations,
    ...(inLayout !== undefined && { [NAME_ANNOTATIONS.reference]: inLayout }),
    ...(whole !== undefined && { [NAME_ANNOTATIONS.whole]: withRegistry(whole) }),
  };
  return Object.keys(annotations).length === 0 ? descriptor : { ...descriptor, annotations };
}

function twice(name: string): ImageDslError {
  return new ImageDslError("E_OUTPUT_INVALID", `Two images of one layout would have the name ${name}`, {
    hint: "Give each a name or a tag of its own, or put {target} into the output",
  });
}

/**
 * The index with these images in it; those that had one of their names have it no more, and none is in it twice without
 * one. Whatever else stands in it is kept
 * as it is. Throws `E_OUTPUT` where `before` is no index.
 */
export function mergeIndex(
  directory: string,
  before: Uint8Array | undefined,
  added: readonly NamedTarget[],
): Uint8Array {
  const index = before === undefined ? { manifests: [] } : readLayoutIndex(directory, before);
  const names = new Set(added.map(({ name }) => name));
  const nameless = new Set(added.flatMap(({ name, descriptor }) => (name === undefined ? [descriptor.digest] : [])));
  const isReplaced = (each: Json): boolean => {
    const name = nameOf(each);
    return name === undefined ? isRecord(each) && nameless.has(each["digest"] as Digest) : names.has(name);
  };
  const others = index.manifests.filter((each) => !isReplaced(each));
  return Buffer.from(
    canonicalJson({
      ...index,
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.oci.index,
      manifests: [...others, ...added.map(({ descriptor }) => descriptorJson(descriptor))],
    }),
  );
}

type LayoutIndex = Readonly<Record<string, Json>> & { readonly manifests: readonly Json[] };

/** Read only as far as it is changed: what it lists may be of kinds that nobody here knows. Throws `E_OUTPUT`. */
export function readLayoutIndex(directory: string, bytes: Uint8Array): LayoutIndex {
  if (!isWithin("oci.document", bytes.length)) throw unfit(directory, `its index.json has ${beyond("oci.document")}`);
  const index = parse(directory, bytes);
  if (!isRecord(index) || index["schemaVersion"] !== 2 || !Array.isArray(index["manifests"])) {
    throw unfit(directory, "its index.json is no index of images");
  }
  return index as LayoutIndex;
}

function parse(directory: string, bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  const value = parseWritable(directory, text);
  if (repeatedKey(text) === undefined) return value;
  throw unfit(directory, "its index.json has a key twice, so that nobody can tell what it says");
}

function parseWritable(directory: string, text: string): unknown {
  try {
    return JSON.parse(text, writable);
  } catch {
    throw unfit(directory, "its index.json is no JSON, or has numbers that cannot be kept");
  }
}

/** Numbers that were not read as they stand cannot be written so either. */
function writable(_: string, value: unknown): unknown {
  if (typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new RangeError();
  return value;
}

function nameOf(descriptor: unknown): string | undefined {
  const annotations = isRecord(descriptor) ? descriptor["annotations"] : undefined;
  const name = isRecord(annotations) ? annotations[NAME_ANNOTATIONS.reference] : undefined;
  return typeof name === "string" ? name : undefined;
}
