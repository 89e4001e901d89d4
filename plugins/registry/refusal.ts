/** What a registry refuses, for those who can do something about it. */
import { ImageDslError, type ErrorCode, type ErrorDetails, type HttpResponse } from "../../core/index.ts";

export interface Refused extends Pick<HttpResponse, "status" | "headers"> {
  /** OCI distribution specification, "Error codes". */
  readonly codes: readonly string[];
}

export class RegistryRefusal extends ImageDslError {
  readonly refused: Refused;

  constructor(code: ErrorCode, message: string, details: ErrorDetails, refused: Refused) {
    super(code, message, details);
    this.refused = refused;
  }
}
