/**
 * Short and service numbers that people dial and that libphonenumber does not have, or whose price it does not know:
 * patterns of Asterisk, whole numbers. They leave as they were dialled, for who may call nationally; `premium` ones
 * (paid information) only for who may call premium numbers. Emergency numbers are elsewhere and go first. Sources: the
 * numbering plans of the regulators, named where there is more to say; a provider adds others with dialing.service.
 */
interface ServiceNumbers {
  readonly service?: readonly string[];
  readonly premium?: readonly string[];
}

/** 411 is directory assistance, which costs; the others are community services (FCC and CRTC on N11 codes). */
const N11 = ['211', '311', '511', '611', '711', '811', '988'];

export const SERVICE_NUMBERS: Readonly<Record<string, ServiceNumbers>> = {
  AE: { service: ['901'] },
  AT: { service: ['1450'], premium: ['118XX', '118XXX'] },
  // Local-rate and free numbers have no form for abroad (ACMA, Telecommunications Numbering Plan 2015, schedule 6).
  AU: { service: ['13XXXX', '1300XXXXXX', '1800XXXXXX', '180XXXX', '1100'], premium: ['1223', '1234', '12456'] },
  BD: { service: ['333', '105', '106', '109', '1090', '1098'] },
  BE: { service: ['1733'], premium: ['1207', '1307', '1404'] },
  BR: { service: ['100', '102', '115', '116', '136', '147', '156', '180', '181', '185', '188'] },
  CA: { service: [...N11, '310XXXX'], premium: ['411'] },
  CH: { service: ['145', '1414', '1415'], premium: ['18XX'] },
  CN: { service: ['114', '12123', '12306', '12315', '12329', '12333', '12345', '12366'] },
  // The number of all authorities, taxis; directories (Bundesnetzagentur, Nummernplan 115, 116, 118).
  DE: { service: ['115', '116XXX', '19222'], premium: ['118XX', '1180XX'] },
  DK: { service: ['1813'], premium: ['118'] },
  ES: { service: ['010', '012', '016', '024', '060'], premium: ['118XX'] },
  // Of 3xxx, 30 and 31 are free, these cost what a call costs, and the others may cost more (ARCEP, plan of 2018).
  FR: { service: ['30XX', '31XX', '3631', '3639', '3646', '3919', '3939', '3977'], premium: ['118XXX'] },
  // Operator, police, power cuts, NHS, time, the own carrier, fraud (Ofcom, National Telephone Numbering Plan, A).
  GB: { service: ['100', '101', '105', '111', '119', '123', '150', '151', '159', '18000'], premium: ['118XXX'] },
  IE: { premium: ['118XX'] },
  IL: { service: ['104', '105', '106', '118'], premium: ['144'] },
  // Railways, faults, cyber crime, women, elders, children and others (DoT, National Numbering Plan 2003, annex).
  IN: {
    service: [
      ...['104', '131', '138', '139', '181', '198', '199', '1033', '1072', '1073', '1090', '1091', '1096', '1098'],
      ...['1363', '1551', '1906', '1909', '1912', '1915', '1916', '1930', '1950', '14XXX', '155XXX'],
    ],
    premium: ['197'],
  },
  IT: { service: ['117', '1500', '1515', '1522', '1530'], premium: ['12XX'] },
  JP: { service: ['113', '116', '171', '188', '189'], premium: ['104', '115', '117', '177'] },
  KR: {
    service: ['110', '111', '118', '120', '128', '129', '131', '132', '182', '1330', '1339', '1345', '1355'],
    premium: ['114'],
  },
  NL: { premium: ['18XX'] },
  NO: { service: ['0XXXX'], premium: ['18XX'] },
  NZ: { service: ['105', '1737'], premium: ['018'] },
  PL: { service: ['19XXX', '986', '99[1-4]'], premium: ['118XXX'] },
  PT: { service: ['144'], premium: ['118'] },
  SE: { service: ['1177', '11313', '11414'], premium: ['118XXX'] },
  SG: { service: ['1767', '1777', '1800XXXXXXX'], premium: ['100'] },
  // 933 reads back the address that an emergency call would give.
  US: { service: [...N11, '933'], premium: ['411'] },
};
