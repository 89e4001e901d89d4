/** Packages by hand (deb(5)): an ar archive of three members. */
import { tarOf, type RawMember } from "./tar.ts";

/** `control`: beside the file `control`, which has the usual fields and these. */
export function debOf(
  name: string,
  control: readonly (RawMember | Uint8Array)[],
  fields: Readonly<Record<string, string>> = {},
): Buffer {
  const usual = {
    Package: name,
    Version: "1",
    Architecture: "all",
    Maintainer: "N <n@test.example>",
    Description: "t",
  };
  const lines = Object.entries({ ...usual, ...fields }).map(([key, value]) => `${key}: ${value}\n`);
  const members = {
    "debian-binary": Buffer.from("2.0\n"),
    "control.tar": tarOf(
      { name: "./", type: "5", mode: 0o755 },
      { name: "./control", body: lines.join("") },
      ...control,
    ),
    "data.tar": tarOf({ name: "./", type: "5", mode: 0o755 }, { name: "./big", body: "a".repeat(100_000) }),
  };
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    ...Object.entries(members).map(([path, bytes]) => arMember(path, bytes)),
  ]);
}

function arMember(name: string, bytes: Uint8Array): Buffer {
  const header = [name.padEnd(16), "1".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8)];
  const text = `${header.join("")}${String(bytes.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(text), bytes, Buffer.from(bytes.length % 2 === 0 ? "" : "\n")]);
}
