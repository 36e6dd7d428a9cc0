/** A mistake as a change of one place of the sources. A place that is not found any more, or is found twice, is a mistake of the list. */
export type PlantedBug = { readonly name: string; readonly file: string; readonly from: string; readonly to: string }
