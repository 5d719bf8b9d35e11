import type { BundleFile } from '../../api/asterisk-files.ts';

/**
 * Files that are the same for every tenant. modules.conf names each module (autoload would bring two voicemails, six
 * CDR back ends and four channel drivers, features.md T25). bridge_native_rtp is not among them: it hands packets on as
 * they come, so a transfer changes their source and sequence under a peer, and one that is an Asterisk itself, as many
 * carriers are, then hears nothing in about half of the cases (measured). sorcery.conf maps one file per object type,
 * since Asterisk parses a file once for every type that is mapped to it (asterisk-limits.md §4.1). The one of addresses
 * that are refused is the agent's own; its type has a section of that name, and in any other the module does not load.
 */
const MODULES = `
res_sorcery_config res_sorcery_memory res_sorcery_astdb
res_timing_timerfd res_crypto res_musiconhold res_rtp_asterisk res_srtp res_security_log
res_pjproject res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_acl res_pjsip_authenticator_digest
res_pjsip_outbound_authenticator_digest res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user
res_pjsip_registrar res_pjsip_outbound_registration res_pjsip_outbound_publish res_pjsip_path res_pjsip_nat
res_pjsip_rfc3326 res_pjsip_caller_id res_pjsip_diversion res_pjsip_dlg_options res_pjsip_dtmf_info
res_pjsip_empty_info res_pjsip_header_funcs res_pjsip_messaging res_pjsip_notify res_pjsip_refer res_pjsip_sdp_rtp res_pjsip_t38
res_pjsip_sips_contact res_pjsip_logger res_pjsip_mwi res_pjsip_mwi_body_generator res_pjsip_exten_state
res_pjsip_pidf_body_generator res_pjsip_xpidf_body_generator res_pjsip_dialog_info_body_generator
res_pjsip_pidf_digium_body_supplement res_pjsip_pidf_eyebeam_body_supplement chan_pjsip
func_pjsip_aor func_pjsip_contact func_pjsip_endpoint
codec_ulaw codec_alaw codec_a_mu codec_g722 codec_gsm codec_resample
format_pcm format_gsm format_wav format_sln
bridge_simple bridge_softmix bridge_holding bridge_builtin_features
bridge_builtin_interval_features chan_bridge_media
pbx_config app_dial app_playback app_read app_record app_stack app_exec app_verbose app_while app_echo app_playtones
app_transfer app_userevent app_voicemail app_cdr app_db app_sayunixtime app_controlplayback
app_originate app_softhangup app_channelredirect app_senddtmf
func_callerid func_cdr func_channel func_cut func_db func_devstate func_dialplan func_extstate func_global
func_groupcount func_hangupcause func_logic func_math func_rand func_sprintf func_strings func_timeout
func_uri func_vmcount func_lock
`;

/** `directMedia`: somebody has it, and takes into the bargain what the native bridge does to transfers. */
export function modulesConf({ directMedia = false } = {}): string {
  const loads = [...MODULES.trim().split(/\s+/), ...(directMedia ? ['bridge_native_rtp'] : [])].map(
    name => `load=${name}.so`,
  );
  return `[modules]\nautoload=no\n${loads.join('\n')}\n`;
}

export const SORCERY_CONF = `[res_pjsip]
endpoint=config,pjsip_endpoint.conf,criteria=type=endpoint
auth=config,pjsip_auth.conf,criteria=type=auth
aor=config,pjsip_aor.conf,criteria=type=aor
transport=config,pjsip_transport.conf,criteria=type=transport
global=config,pjsip_global.conf,criteria=type=global
system=config,pjsip_system.conf,criteria=type=system
[res_pjsip_endpoint_identifier_ip]
identify=config,pjsip_identify.conf,criteria=type=identify
[res_pjsip_outbound_registration]
registration=config,pjsip_registration.conf,criteria=type=registration
[acl]
acl=config,pjsip_acl.conf,criteria=type=acl
`;

/** Prompts, tones and the stubs without which a module declines to load (features.md T4). */
export const SMALL_FILES = {
  'musiconhold.conf': '[general]\n[default]\nmode=files\ndirectory=moh\n',
  'features.conf': '[general]\npickupexten=\n[featuremap]\nblindxfer=*88\ndisconnect=\n',
  'cdr.conf': '[general]\nenable=yes\nunanswered=no\n',
  'cel.conf': '[general]\nenable=no\n',
  'ccss.conf': '[general]\n',
  'acl.conf': '; none\n',
  'pjsip_notify.conf': '[check-sync]\nEvent=>check-sync\n',
  'pjsip.conf': '; one file per object type, see sorcery.conf\n',
  'pjproject.conf': '[startup]\nlog_level=3\n',
  'udptl.conf': '[general]\n',
  'stasis.conf': '[threadpool]\n',
  'indications.conf': `[general]
country=us
[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
callwaiting=440/300,0/10000
dialrecall=!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440
record=1400/500,0/15000
info=!950/330,!1400/330,!1800/330,0
`,
} satisfies Partial<Record<BundleFile, string>>;

export type SmallFile = keyof typeof SMALL_FILES;
