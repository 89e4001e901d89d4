/** `pullImage`: an image of a registry by its digest, as an image of the config. */
import * as v from "valibot";
import {
  asIs,
  definePreset,
  imageNameSchema,
  isDigest,
  tagSchema,
  type Digest,
  type ImageSpec,
} from "../../core/index.ts";

/** Arguments of `pullImage`. */
export interface PullImageOptions {
  /** `HOST/NAME`; without a host, the default registry's. */
  readonly imageName: string;
  /** `sha256:` and 64 hex digits: of the image's manifest, or of an index of several. */
  readonly imageDigest: string;
  /** The system that it is for. @default "linux" */
  readonly os?: string | undefined;
  /** In Go's words: `amd64`, `arm64`, … @default that of the platform which is built */
  readonly arch?: string | undefined;
  /** Of the architecture, such as `v7` for `arm`. */
  readonly variant?: string | undefined;
  /** The name it has from here on. @default imageName */
  readonly finalImageName?: string | undefined;
  /** The tag it has from here on. @default "latest" */
  readonly finalImageTag?: string | undefined;
  /** false: the registry may be without TLS, or have a certificate that nobody vouches for. @default true */
  readonly tlsVerify?: boolean | undefined;
  /** Upstream's, of an archive that is never made here: taken, and not needed. */
  readonly sha256?: string | undefined;
  /** Upstream's, of that archive: taken, and not needed. */
  readonly hash?: string | undefined;
  /** Upstream's, of that archive: taken, and not needed. */
  readonly outputHash?: string | undefined;
  /** Upstream's, of that archive: taken, and not needed. */
  readonly outputHashAlgo?: string | undefined;
  /** Upstream's, of that archive. */
  readonly name?: string | undefined;
}

const word = (what: string) => v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9.]+$/, `expected ${what}`)));

const schema = v.pipe(
  v.strictObject({
    imageName: imageNameSchema,
    imageDigest: v.custom<Digest>(
      isDigest,
      "expected sha256: and 64 hexadecimal digits, which image-dsl prefetch NAME:TAG prints",
    ),
    os: word(`an operating system in Go's words, such as "linux"`),
    arch: word(`an architecture in Go's words, such as "amd64" or "arm64"`),
    variant: word(`an architecture's variant, such as "v7"`),
    finalImageName: v.optional(imageNameSchema),
    finalImageTag: v.optional(tagSchema),
    tlsVerify: v.optional(v.boolean()),
    sha256: v.optional(v.string()),
    hash: v.optional(v.string()),
    outputHash: v.optional(v.string()),
    outputHashAlgo: v.optional(v.string()),
    name: v.optional(v.string()),
  }),
  v.check(
    ({ os = "linux", arch, variant }) => arch !== undefined || (os === "linux" && variant === undefined),
    'has os or variant, but no arch: a platform is meant by all of them, such as os: "linux", arch: "arm", variant: "v7"',
  ),
);

/** dockerTools' `pullImage`: an image of a registry by its digest, to start from or to put out. */
export const pullImage = definePreset<"pullImage", PullImageOptions, v.InferOutput<typeof schema>>(
  "pullImage",
  schema,
  ({ imageName, imageDigest, os = "linux", arch, variant, tlsVerify, ...final }): ImageSpec => {
    const reference = `${imageName}@${imageDigest}`;
    const options = { reference, ...(tlsVerify !== undefined && { tlsVerify }) };
    const base = { image: { kind: "registry-image", options }, inherit: "all" } as const;
    return {
      ...asIs(final.finalImageName ?? imageName, base),
      tag: final.finalImageTag ?? "latest",
      ...(arch !== undefined && { platform: { os, architecture: arch, ...(variant !== undefined && { variant }) } }),
    };
  },
);
