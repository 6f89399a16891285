from django.urls import path

from shangquan.console.pages.settlement import files, overview, payouts, statement

urlpatterns_settlement = [
    path("settlement/", overview.overview, name="periods"),
    path("settlement/close/", overview.close, name="settlement_close"),
    path("settlement/periods/<int:period_id>/", overview.period, name="settlement_period"),
    path("settlement/payouts/", payouts.payouts, name="payouts"),
    path("settlement/payouts/<int:payout_id>/approve/", payouts.approve, name="payout_approve"),
    path("settlement/payouts/<int:payout_id>/paid/", payouts.paid, name="payout_paid"),
    path("settlement/payouts/<int:payout_id>/proof/", payouts.proof, name="payout_proof"),
    path("settlement/<int:statement_id>/", statement.statement, name="statement"),
    path("settlement/<int:statement_id>/dispute/", statement.dispute, name="statement_dispute"),
    path("settlement/<int:statement_id>/confirm/", statement.confirm, name="statement_confirm"),
    path("settlement/<int:statement_id>/disputes/<int:dispute_id>/", statement.answer, name="dispute_answer"),
    path("settlement/<int:statement_id>/payout/", payouts.prepare, name="payout_prepare"),
    path("settlement/<int:statement_id>/lines.csv", files.statement_csv, name="statement_csv"),
    path("settlement/<int:statement_id>/lines.xlsx", files.statement_xlsx, name="statement_xlsx"),
]
