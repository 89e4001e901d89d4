/**
 * Messages of Protocol Buffers (proto3) as tables of their fields, typed by them. Written canonically: by field number, without what has its
 * default; the digests of the Remote Execution API's trees and actions are of these bytes. Generated code would be thousands of lines for
 * the two dozen messages that we need.
 */
import { WireError, WireReader, WireWriter, type WireType } from "./wire.ts";

/** How the values of a field look, and how each is written. */
interface Kind<Value> {
  readonly type: WireType;
  readonly empty: Value;
  isEmpty(value: Value): boolean;
  write(writer: WireWriter, value: Value): void;
  read(reader: WireReader): Value;
}

/** A field of a message: its number, and what is in it. */
export interface Field<Value> {
  readonly number: number;
  readonly empty: Value;
  write(writer: WireWriter, value: Value): void;
  /** What the field holds with one more occurrence of it, of this wire type. */
  read(reader: WireReader, type: number, before: Value | undefined): Value;
}

/** What a message of a type holds. */
export type Message<Type> = Type extends MessageType<infer Value> ? Value : never;

/** A type of message. */
export interface MessageType<Value> {
  /** What is left out has its default. */
  encode(value: Partial<Value>): Buffer;
  /** Throws a `WireError`. What is not there has its default. */
  decode(bytes: Uint8Array): Value;
}

/** Fields are given in the order of their numbers. */
export function messageType<Value extends object>(fields: {
  readonly [Name in keyof Value]: Field<Value[Name]>;
}): MessageType<Readonly<Value>> {
  const named = Object.entries(fields) as [keyof Value & string, Field<unknown>][];
  const byNumber = new Map(named.map(([name, field]) => [field.number, { name, field }]));
  const defaults = Object.fromEntries(named.map(([name, { empty }]) => [name, empty]));
  return {
    encode(value) {
      const writer = new WireWriter();
      for (const [name, field] of named) if (value[name] !== undefined) field.write(writer, value[name]);
      return writer.finish();
    },
    decode(bytes) {
      const found: Record<string, unknown> = {};
      const reader = new WireReader(bytes);
      while (!reader.isAtEnd) {
        const { number, type } = reader.key();
        const known = byNumber.get(number);
        if (known === undefined) reader.skip(type);
        else found[known.name] = known.field.read(reader, type, found[known.name]);
      }
      return { ...defaults, ...found } as Value;
    },
  };
}

/** A whole number, a member of an enum among them. */
export function int(number: number): Field<number> {
  return single(number, INT);
}

export function bool(number: number): Field<boolean> {
  return single(number, BOOL);
}

export function string(number: number): Field<string> {
  return single(number, STRING);
}

export function bytes(number: number): Field<Uint8Array> {
  return single(number, BYTES);
}

export function message<Value>(number: number, type: MessageType<Value>): Field<Partial<Value> | undefined> {
  return single(number, optional(kindOf(type)));
}

export function strings(number: number): Field<readonly string[]> {
  return repeated(number, STRING);
}

export function messages<Value>(number: number, type: MessageType<Value>): Field<readonly Value[]> {
  return repeated(number, kindOf(type));
}

/** Only read: what servers tell of themselves. Both forms of it are taken, one by one and packed. */
export function ints(number: number): Field<readonly number[]> {
  const { read, ...field } = repeated(number, INT);
  return {
    ...field,
    read(reader, type, before = []) {
      if (type !== 2) return read(reader, type, before);
      const packed = new WireReader(reader.bytes());
      const values = [...before];
      while (!packed.isAtEnd) values.push(packed.varint());
      return values;
    },
  };
}

function single<Value>(number: number, kind: Kind<Value>): Field<Value> {
  return {
    number,
    empty: kind.empty,
    write(writer, value) {
      if (kind.isEmpty(value)) return;
      writer.key(number, kind.type);
      kind.write(writer, value);
    },
    read(reader, type, before) {
      if (before !== undefined) throw new WireError(`the field ${number} is there twice`);
      requireType(number, type, kind.type);
      return kind.read(reader);
    },
  };
}

function repeated<Value>(number: number, kind: Kind<Value>): Field<readonly Value[]> {
  return {
    number,
    empty: [],
    write(writer, values) {
      for (const value of values) {
        writer.key(number, kind.type);
        kind.write(writer, value);
      }
    },
    read(reader, type, before) {
      requireType(number, type, kind.type);
      const values = (before ?? []) as Value[];
      values.push(kind.read(reader));
      return values;
    },
  };
}

function requireType(number: number, found: number, wanted: WireType): void {
  if (found !== wanted) throw new WireError(`the field ${number} has the wire type ${found}, not ${wanted}`);
}

const INT: Kind<number> = {
  type: 0,
  empty: 0,
  isEmpty: (value) => value === 0,
  write: (writer, value) => writer.varint(value),
  read: (reader) => reader.varint(),
};

const BOOL: Kind<boolean> = {
  type: 0,
  empty: false,
  isEmpty: (value) => !value,
  write: (writer, value) => writer.varint(value ? 1 : 0),
  read: (reader) => reader.varint() !== 0,
};

const STRING: Kind<string> = {
  type: 2,
  empty: "",
  isEmpty: (value) => value === "",
  write: (writer, value) => writer.bytes(Buffer.from(value)),
  read: (reader) => textOf(reader.bytes()),
};

const BYTES: Kind<Uint8Array> = {
  type: 2,
  empty: new Uint8Array(0),
  isEmpty: (value) => value.length === 0,
  write: (writer, value) => writer.bytes(value),
  read: (reader) => reader.bytes(),
};

function kindOf<Value>(type: MessageType<Value>): Kind<Value> {
  return {
    type: 2,
    empty: type.decode(new Uint8Array(0)),
    isEmpty: () => false,
    write: (writer, value) => writer.bytes(type.encode(value)),
    read: (reader) => type.decode(reader.bytes()),
  };
}

/** A message that is not there is another thing than one in which everything has its default. */
function optional<Value>(kind: Kind<Value>): Kind<Partial<Value> | undefined> {
  return {
    type: kind.type,
    empty: undefined,
    isEmpty: (value) => value === undefined,
    write: (writer, value) => kind.write(writer, value as Value),
    read: (reader) => kind.read(reader),
  };
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new WireError("a text is not UTF-8");
  }
}
