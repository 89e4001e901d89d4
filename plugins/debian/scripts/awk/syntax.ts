/** What an awk program is made of. */

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "match"; readonly pattern: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "field"; readonly index: Expression }
  | { readonly kind: "element"; readonly array: string; readonly subscripts: readonly Expression[] }
  | { readonly kind: "contains"; readonly array: string; readonly subscript: Expression }
  | { readonly kind: "not" | "minus" | "plus" | "group"; readonly operand: Expression }
  | { readonly kind: "and" | "or" | "concatenate"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "arithmetic"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "matches"; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "choose"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: "assign"; readonly target: Target; readonly operator?: Operator; readonly value: Expression }
  | { readonly kind: "step"; readonly target: Target; readonly by: 1 | -1; readonly gives: "before" | "after" }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

export type Comparison = "<" | "<=" | "==" | "!=" | ">" | ">=";
export type Operator = "+" | "-" | "*" | "/" | "%" | "^";
export type Target = Extract<Expression, { kind: "variable" | "field" | "element" }>;

export type Statement =
  | { readonly kind: "expression"; readonly value: Expression }
  | {
      readonly kind: "print" | "printf";
      readonly values: readonly Expression[];
      readonly to: "output" | "errors";
    }
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | { readonly kind: "if"; readonly test: Expression; readonly yes: Statement; readonly no?: Statement }
  | { readonly kind: "while"; readonly test: Expression; readonly body: Statement }
  | { readonly kind: "do"; readonly test: Expression; readonly body: Statement }
  | {
      readonly kind: "for";
      readonly start?: Statement;
      readonly test?: Expression;
      readonly each?: Statement;
      readonly body: Statement;
    }
  | { readonly kind: "for-in"; readonly name: string; readonly array: string; readonly body: Statement }
  | { readonly kind: "delete"; readonly array: string; readonly subscripts?: readonly Expression[] }
  | { readonly kind: "next" | "break" | "continue" }
  | { readonly kind: "exit"; readonly status?: Expression };

export interface Rule {
  readonly when: "begin" | "end" | "always" | { readonly from: Expression; readonly to?: Expression };
  /** Without one the record is printed. */
  readonly action?: Statement;
}
