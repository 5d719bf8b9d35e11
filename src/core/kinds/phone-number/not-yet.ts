import { fieldsToCome } from '../../checks/not-yet.ts';

export const notYet = fieldsToCome(['country!']);
