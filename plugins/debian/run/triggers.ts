/** Triggers that unpacking packages sets off in others, which are configured already (deb-triggers(5)). */
import { controlText } from "../scripts/control-member.ts";
import type { ScriptPackage } from "../scripts/world.ts";

/** `below`: triggers that packages of an image below are interested in. Names as the interested packages write them, sorted. */
export function activatedTriggers(
  unpacked: readonly ScriptPackage[],
  configured: readonly ScriptPackage[],
  below: readonly string[],
): readonly string[] {
  const own = configured.flatMap((item) => directives(item, /^interest(-await|-noawait)?$/));
  const interests = new Set([...below, ...own]);
  const named = new Set(unpacked.flatMap((item) => directives(item, /^activate(-await|-noawait)?$/)));
  const paths = unpacked.flatMap(({ tree }) => tree?.entries().map(({ path }) => `/${path}`) ?? []);
  const isSetOff = (name: string): boolean =>
    name.startsWith("/") ? paths.some((path) => path === name || path.startsWith(`${name}/`)) : named.has(name);
  return [...interests].filter(isSetOff).toSorted();
}

function directives(item: ScriptPackage, kind: RegExp): readonly string[] {
  return (controlText(item, "triggers") ?? "").split("\n").flatMap((line) => {
    const [directive = "", name] = line.replace(/#.*/, "").trim().split(/\s+/);
    return name !== undefined && kind.test(directive) ? [name] : [];
  });
}
