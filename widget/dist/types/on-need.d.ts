export declare const onNeed: {
    list: (again: () => void) => Partial<typeof import("./people-views.ts")> | undefined;
    avatars: (again: () => void) => Partial<typeof import("./people-views.ts")> | undefined;
    sentence: (again: () => void) => Partial<typeof import("./sentence-view.ts")> | undefined;
    chart: (again: () => void) => Partial<typeof import("./chart-view.ts")> | undefined;
    client: (again: () => void) => Partial<typeof import("./client-live.ts")> | undefined;
    words: (again: () => void) => Partial<typeof import("./languages.ts")> | undefined;
};
