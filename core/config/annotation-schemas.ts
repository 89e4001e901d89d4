/** Checks for annotations (OCI image spec, annotations.md), by what they are said of. */
import * as v from "valibot";
import { NAME_ANNOTATIONS } from "../distribution/walk-index.ts";
import type { Annotations, ImageAnnotations, IndexAnnotations } from "../model/image-spec.ts";
import { isRecord } from "../model/json.ts";
import { recordOf } from "./record-of.ts";

const annotations = recordOf(
  v.pipe(
    v.string(),
    v.regex(/^[^\s\p{Cc}]+$/u, "expected an annotation's name without spaces, such as org.opencontainers.image.source"),
  ),
  v.string(),
  '{ "org.opencontainers.image.source": "https://…" }',
);

const NAMES: readonly string[] = Object.values(NAME_ANNOTATIONS);

const descriptorAnnotations = v.pipe(
  annotations,
  v.check(
    (given) => NAMES.every((name) => !Object.hasOwn(given, name)),
    `${NAMES.join(" and ")} are the image's name in a layout, which the output says`,
  ),
);

const indexLevels = {
  index: v.exactOptional(annotations),
  indexDescriptor: v.exactOptional(descriptorAnnotations),
};

const imageLevels = {
  manifest: v.exactOptional(annotations),
  manifestDescriptor: v.exactOptional(descriptorAnnotations),
  ...indexLevels,
};

/** `{ "org.example": "text" }` means the manifest's. */
export const imageAnnotationsSchema = v.lazy(
  (given): v.GenericSchema<Annotations | ImageAnnotations, ImageAnnotations> =>
    isByLevel(given) ? v.strictObject(imageLevels) : meaning("manifest"),
);

/** `{ "org.example": "text" }` means the index's. */
export const indexAnnotationsSchema = v.lazy(
  (given): v.GenericSchema<Annotations | IndexAnnotations, IndexAnnotations> =>
    isByLevel(given) ? v.strictObject(indexLevels) : meaning("index"),
);

/** Of one level alone. */
function meaning(level: "manifest" | "index") {
  return v.pipe(
    annotations,
    v.transform((texts) => ({ [level]: texts })),
  );
}

function isByLevel(given: unknown): boolean {
  return isRecord(given) && Object.values(given).some(isRecord);
}
