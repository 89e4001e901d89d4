/** What all apps say. */
export declare function greeting(name: string): string;
