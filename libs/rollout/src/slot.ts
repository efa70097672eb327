export type Slot = 'stable' | 'candidate';
