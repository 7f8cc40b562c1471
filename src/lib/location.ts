/** A URL, where a path could stand as well. */
export const isUrl = (location: string): boolean => /^https?:\/\//i.test(location)
