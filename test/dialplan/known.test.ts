import { describe, expect, it } from 'vitest';
import { readDocumentation } from './documentation.ts';
import { isKnown } from './known.ts';
import { dialplan } from './snippets.ts';

const DOCUMENTATION = readDocumentation(`<?xml version="1.0"?><!DOCTYPE docs SYSTEM "x.dtd"><docs xmlns:xi="x">
<!-- <application name="Commented"/> -->
${['Set', 'Hangup', 'Goto', 'GotoIf', 'NoOp', 'Return'].map(name => `<application name="${name}" module="builtin"><syntax/></application>`).join('')}
<application name="Dial" language="en_US" module="app_dial"><syntax>
  <parameter name="who" required="true"/><parameter name="timeout"/>
  <parameter name="options"><optionlist>
    <option name="b" argsep="^"><argument name="context"/></option><option name="i"><para>no <literal>x</literal></para></option>
    <option name="t"/></optionlist></parameter></syntax></application>
<application name="Playback" module="app_playback"><syntax><parameter name="file"/><parameter name="options">
  <optionlist><option name="noanswer"/><option name="skip"/></optionlist></parameter></syntax></application>
<application name="Ringing" module="app_other"><syntax/></application>
<function name="CHANNEL" module="func_channel"><syntax><parameter name="item"><enumlist><enum name="state"/></enumlist>
  <xi:include xpointer="xpointer(/docs/info[@name='CHANNEL'])"/></parameter></syntax></function>
<info name="CHANNEL" tech="PJSIP"><enumlist><enum name="pjsip"><parameter name="type"><enumlist><enum name="call-id"/></enumlist></parameter></enum></enumlist></info>
<info name="CHANNEL" tech="DAHDI"><enumlist><enum name="span"/></enumlist></info>
<function name="ARRAY" module="func_strings"><syntax/></function><function name="IF" module="func_logic"><syntax argsep="?"><parameter name="expression"/></syntax></function>
</docs>`);
const MODULES = new Set(['app_dial', 'app_playback', 'func_channel', 'func_logic', 'func_strings']);

describe('Asterisk', () => {
  it.each([
    ['options', 'Dial(PJSIP/a,,ib(start^s^1(${EXTEN}))t)'],
    ['options of a variable', 'Set(O=it)\nDial(PJSIP/a,,${O}b(start^s^1))'],
    ['options of a choice', 'Dial(PJSIP/a,,${IF($["${EXTEN}" = ""]?i:)}t)'],
    ['a word', 'Playback(a,noanswer)'],
    ['words of a function', 'Set(X=${CHANNEL(state)}${CHANNEL(pjsip,call-id)})'],
  ])('knows %s', (_what, line) => {
    expect(isKnown(dialplan(`${line}\nHangup()`), DOCUMENTATION, MODULES)).toEqual([]);
  });

  it.each([
    ['an application', 'ExecIf($[1]?Answer())', /Asterisk has no ExecIf/],
    ['an application in a comment', 'Wait(1)', /Asterisk has no Wait/],
    ['a module that is not loaded', 'Ringing()', /Ringing is of app_other, which is not loaded/],
    ['an option', 'Dial(PJSIP/a,,iz)', /Dial has no option or word z/],
    ['an option behind an argument', 'Dial(PJSIP/a,,b(start^s^1)z)', /no option or word z/],
    ['an argument of an option', 'Dial(PJSIP/a,,i(1))', /an option i that takes no argument/],
    ['an option of a variable', 'Set(O=z)\nDial(PJSIP/a,,${O}i)', /no option or word z/],
    ['an option of a choice', 'Dial(PJSIP/a,,${IF($["${EXTEN}" = ""]?i:z)})', /no option or word z/],
    ['what an option may be', 'Dial(PJSIP/a,,${CHANNEL(state)})', /is not known/],
    ['a word', 'Playback(a,answer)', /Playback has no option or word answer/],
    ['a function', 'Set(X=${FOO(1)})', /Asterisk has no FOO/],
    ['a function on the left', 'Set(FOO(1)=2)', /Asterisk has no FOO/],
    ['a function in a condition', 'GotoIf($["${FOO(1)}" = ""]?end)\n(end)Hangup()', /Asterisk has no FOO/],
    ['a function by its name', 'Set(X=${IF($[1]?${FOO(1)}:)})', /Asterisk has no FOO/],
    ['a word of a function', 'Set(X=${CHANNEL(gone)})', /CHANNEL has no option or word gone/],
    ['a word of another technology', 'Set(X=${CHANNEL(span)})', /CHANNEL has no option or word span/],
    ['a word behind a word', 'Set(X=${CHANNEL(pjsip,gone)})', /CHANNEL has no option or word gone/],
  ])('does not know %s', (_what, line, problem) => {
    expect(isKnown(dialplan(`${line}\nHangup()`), DOCUMENTATION, MODULES).join('\n')).toMatch(problem);
  });
});
