/** `buildNixShellImage` and `streamNixShellImage`: an image with the environment that a derivation is built in. */
import { definePreset, type ImageSpec, type Source } from "../../../core/index.ts";
import {
  nixShellImageSchema,
  streamNixShellImageSchema,
  type NixShellImageOptions,
  type ParsedNixShellImageOptions,
  type StreamNixShellImageOptions,
} from "./options.ts";
import { nixShell } from "./source.ts";

/** Until the derivation is known. */
const UNNAMED = "nix-shell";

const DEFAULT_ID = 1000;
const MAX_LAYERS = 100;

/** dockerTools' `buildNixShellImage`: an image of a derivation's build environment. */
export const buildNixShellImage = definePreset<"buildNixShellImage", NixShellImageOptions, ParsedNixShellImageOptions>(
  "buildNixShellImage",
  nixShellImageSchema,
  expand,
);

/** The same image; what it is written to by itself is a program that streams it. */
export const streamNixShellImage = definePreset<
  "streamNixShellImage",
  StreamNixShellImageOptions,
  ParsedNixShellImageOptions
>("streamNixShellImage", streamNixShellImageSchema, (options) => ({
  ...expand(options),
  output: "stream:{target}.stream",
}));

function expand(options: ParsedNixShellImageOptions): ImageSpec {
  const { name, tag, uid = DEFAULT_ID, gid = DEFAULT_ID, homeDirectory = "/build", compressor } = options;
  const { drv, shell, command, run, contents = [] } = options;
  const environment = nixShell({
    // The schema has seen that it is one of them.
    drv: drv as Parameters<typeof nixShell>[0]["drv"],
    uid,
    gid,
    homeDirectory,
    ...(name !== undefined && { imageName: name }),
    ...(shell !== undefined && { shell }),
    ...(command !== undefined && { command }),
    ...(run !== undefined && { run }),
  });
  return {
    kind: "image",
    name: name ?? UNNAMED,
    tag: tag ?? null,
    contents: [environment, userSource(uid, gid, homeDirectory), ...([contents].flat() as Source[])],
    placement: "link",
    // The rest of it is known with the derivation; what is named here is looked for in the store.
    config: shell === undefined ? {} : { Cmd: [shell] },
    mtime: 1,
    maxLayers: MAX_LAYERS,
    layering: "auto",
    collisions: "error",
    runs: [],
    ...(compressor === undefined ? {} : { compressor }),
    ...(options.strict && { strict: true }),
  };
}

/** Nix's builds run as a user of this name. Root is there in any case. */
function userSource(uid: number, gid: number, homeDirectory: string): Source {
  return {
    kind: "fakeNss",
    options: {
      extraPasswdLines: uid === 0 ? [] : [`nixbld:x:${uid}:${gid}:Build user:${homeDirectory}:/noshell`],
      extraGroupLines: gid === 0 ? [] : [`nixbld:!:${gid}:`],
    },
  };
}
