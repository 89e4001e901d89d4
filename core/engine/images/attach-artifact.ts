/** `attach` and `inspect --referrers`: what refers to an image, where it is. */
import type { Artifact, Attached } from "../../distribution/artifact.ts";
import type { Descriptor } from "../../distribution/descriptor.ts";
import { ImageDslError } from "../../error.ts";
import { passingLock } from "../../lock/passing-lock.ts";
import type { Build } from "../../pipeline/build.ts";
import type { BuildContext } from "../../pipeline/context.ts";
import { withSession } from "../session.ts";
import { graphOf, sourceOf, type ImageReading } from "./input.ts";

/** `text`: the image, as `inspect` takes it. Throws `E_USAGE` where nothing can refer to it, and what reading and writing throw. */
export function attachArtifact(text: string, artifact: Artifact, reading: ImageReading): Promise<Attached> {
  const source = sourceOf(text, reading.builder);
  return answered(text, reading, (build, context) =>
    build.hooks.attach.for(source.kind).promise(source, artifact, context),
  );
}

/** In the place's order. Throws what `attachArtifact` throws. */
export function referrersOf(text: string, reading: ImageReading): Promise<readonly Descriptor[]> {
  const source = sourceOf(text, reading.builder);
  return answered(text, reading, (build, context) => build.hooks.referrers.for(source.kind).promise(source, context));
}

async function answered<Result>(
  text: string,
  { builder, platform, directory, options }: ImageReading,
  ask: (build: Build, context: BuildContext) => Promise<Result | undefined>,
): Promise<Result> {
  const graph = graphOf(sourceOf(text, builder), [platform], directory);
  return withSession(builder, graph, { pins: passingLock(), ...options }, async ({ builds: [build], context }) => {
    const result = await ask(build!, context);
    if (result !== undefined) return result;
    throw new ImageDslError("E_USAGE", `Nothing can refer to "${text}": it is in no registry`, {
      hint: "Name an image in one: docker://HOST/NAME:TAG",
    });
  });
}
