"""Room card: codes (floor 6), what a scanner or a camera reads.

Purpose     credentials with a life, codes with parameters and their counts, the member's dynamic code, drawing of codes.
Words       Credential 凭证, SceneCode 带参数二维码, scan 扫码, MemberCode 会员动态码, place 点位.
Owns        Credential, CredentialLog, SceneCode, ScanEvent, MemberCodeUse.
Door        door.py: issue_credential(), change_credential(), make_scene(), scene(), record_scan(), record_scans(), counts(),
            member_code(), verify_member_code(), resolve(), register_resolver(), register_subject(),
            register_destination(), qr_svg(), barcode_svg(), export_sheet(), export_zip().
Events      CredentialChanged, Scanned.
Never       decides what a coupon, an activity or a table is: rooms above register what a subject means.
"""
