/** Platforms in Go's words (OCI image spec, config.md): `linux/amd64`, `linux/arm/v7`. */
import { ImageDslError } from "../error.ts";

/** In Go's words, as images carry it (OCI image spec, config.md); `parsePlatform` reads `linux/arm64/v8`. */
export interface Platform {
  /** As GOOS names it: `linux` in nearly all images. */
  readonly os: string;
  /** As GOARCH names it: `amd64`, `arm64`, `arm`, `386`, … */
  readonly architecture: string;
  /** Of the processor, such as `v7` of `arm`; undefined where the architecture alone is meant. */
  readonly variant?: string;
}

export const PLATFORM = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9.]+))?$/;

/** Parses `os/architecture[/variant]`. Throws `E_PLATFORM_INVALID`. */
export function parsePlatform(text: string): Platform {
  const match = PLATFORM.exec(text);
  if (!match?.[1] || !match[2]) {
    throw new ImageDslError("E_PLATFORM_INVALID", `"${text}" is not a platform`, {
      hint: "Write os/architecture, such as linux/amd64 or linux/arm64",
    });
  }
  const platform = { os: match[1], architecture: match[2] };
  return match[3] === undefined ? platform : { ...platform, variant: match[3] };
}

/** `linux/arm/v7`. */
export function platformText(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/");
}

/** Node's name of an architecture (`process.arch`) in Go's words. */
export function architectureOfNode(arch: string): string {
  const names: Record<string, string> = { x64: "amd64", ia32: "386", arm64: "arm64", arm: "arm", ppc64: "ppc64le" };
  return names[arch] ?? arch;
}
