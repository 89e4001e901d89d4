/** The part of the Standard Schema interface (version 1) that image-dsl calls; valibot, zod and arktype all provide it. */

export interface SchemaIssue {
  /** Shown as it is, after the place: say what was expected, and what was found. */
  readonly message: string;
  /** From the checked value to where it is wrong; unset or empty: the value as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The value as it is to be used, with defaults, or what is wrong with it. */
export type SchemaResult =
  | {
      /** As it is to be used: checked, with defaults filled in. */
      readonly value: unknown;
      readonly issues?: undefined;
    }
  | {
      /** All that is wrong, at least one. */
      readonly issues: readonly SchemaIssue[];
    };

/** What options are checked with; a schema of valibot, zod or arktype is one as it stands. */
export interface StandardSchema {
  /** Where libraries of that interface have their check; call nothing else of them. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>;
  };
}
