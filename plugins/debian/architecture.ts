/** Debian's names of architectures (dpkg's cputable) for Go's. */
import { ImageDslError, platformText, type Platform } from "../../core/index.ts";

const NAMES: Readonly<Record<string, string>> = {
  amd64: "amd64",
  "386": "i386",
  arm64: "arm64",
  ppc64le: "ppc64el",
  s390x: "s390x",
  riscv64: "riscv64",
  mips64le: "mips64el",
  loong64: "loong64",
};

const ARM: Readonly<Record<string, string>> = { v5: "armel", v6: "armel", v7: "armhf" };

/** Throws `E_PLATFORM_INVALID` for a platform that Debian has no name for. */
export function debianArchitecture(platform: Platform): string {
  const { os, architecture, variant } = platform;
  const name = architecture === "arm" ? ARM[variant ?? "v7"] : NAMES[architecture];
  if (os === "linux" && name !== undefined) return name;
  throw new ImageDslError(
    "E_PLATFORM_INVALID",
    `Debian has no architecture for the platform ${platformText(platform)}`,
    {
      hint: "Set architecture: in debian({ … }), or build another platform",
    },
  );
}
